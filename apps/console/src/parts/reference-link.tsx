import { DealPageShape } from '../api/deals.ts';
import { useTerm } from '../language/use-text.ts';
import { Code, ObjectLink } from './object-link.tsx';
import { useOne } from './use-one.ts';

/** What belongs to a deal: its reference is a part of the deal, which has a page. */
const ofDeals = new Set(['deal_item', 'escrow_leg']);

export interface ReferenceLinkProps {
  readonly kind: string;
  readonly id: string;
}

/** What an order or pay-out is for: the deal by its title where it is one's, else as it is kept. */
export function ReferenceLink({ kind, id }: ReferenceLinkProps) {
  const term = useTerm();
  const found = useOne('/v1/deals', DealPageShape, {
    query: { reference_id: id },
    enabled: ofDeals.has(kind),
  });
  const deal = found.data?.items[0];
  return (
    <>
      {term('references', kind)}{' '}
      {deal === undefined ? <Code>{id}</Code> : <ObjectLink id={deal.id} text={deal.title} />}
    </>
  );
}
