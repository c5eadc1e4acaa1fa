import { Fragment } from 'react';
import type { Proof, ProofItem, ProofPlace } from '../api/reconciliation.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { ObjectLink } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { Tag } from '../parts/tag.tsx';
import { SignedMoney } from './signed-money.tsx';
import { isPlaceProven } from './verdict.ts';

/** Every place where money lies: accounts at banks, then what is at acquirers. */
export function ProofPlaces({ proof }: { readonly proof: Proof }) {
  const text = useText();
  return (
    <>
      {proof.accounts.map((place) => (
        <Place key={place.account_id} name={place.account_id} place={place} side="bank" />
      ))}
      {proof.channels.length === 0 ? null : (
        <h2 className="kc-part-head">{text('proof.atChannels')}</h2>
      )}
      {proof.channels.map((place) => (
        <Place key={place.contract_id} name={place.contract_id} place={place} side="channel" />
      ))}
    </>
  );
}

interface PlaceProps {
  readonly name: string;
  readonly place: ProofPlace;
  readonly side: 'bank' | 'channel';
}

function Place({ name, place, side }: PlaceProps) {
  const text = useText();
  const term = useTerm();
  const proven = isPlaceProven(place);
  const tag = (
    <Tag tone={proven ? 'good' : 'bad'}>{text(proven ? 'proof.balanced' : 'proof.unbalanced')}</Tag>
  );
  const lead = `${place.entity} · ${term('regimes', place.regime)} · ${place.book}`;
  return (
    <Panel title={name} lead={lead} actions={tag} flush>
      <div className="kc-equation">
        <Figure title={text(`proof.side.${side}`)} amount={place.bank} place={place} />
        {side === 'bank' ? (
          <>
            <span aria-hidden="true">−</span>
            <Figure
              title={text('proof.figure.in_transit')}
              amount={place.in_transit}
              place={place}
            />
          </>
        ) : null}
        <span aria-hidden="true">=</span>
        <Figure title={text('proof.figure.ledger')} amount={place.ledger} place={place} />
        {side === 'bank' ? (
          <>
            <span aria-hidden="true">=</span>
            <Figure
              title={text('proof.figure.liabilities')}
              amount={place.liabilities}
              place={place}
            />
          </>
        ) : null}
        <div className="kc-equation-end">
          <span>{text('proof.figure.difference')}</span>
          <SignedMoney amount={place.difference} currency={place.currency} strong nilIsGood />
        </div>
      </div>
      {place.bank === null ? <p className="kc-missing">{text('proof.noStatement')}</p> : null}
      <Items place={place} name={name} />
    </Panel>
  );
}

interface FigureProps {
  readonly title: string;
  readonly amount: bigint | null;
  readonly place: ProofPlace;
}

function Figure({ title, amount, place }: FigureProps) {
  return (
    <div className="kc-figure">
      <span>{title}</span>
      <SignedMoney amount={amount} currency={place.currency} strong />
    </div>
  );
}

const groups = ['unexplained', 'in_transit', 'channel', 'liability'] as const;

/** The items of a place, what is not explained first. */
function Items({ place, name }: { readonly place: ProofPlace; readonly name: string }) {
  const text = useText();
  const term = useTerm();
  if (place.items.length === 0) return null;
  const known = groups.filter((group) => place.items.some((item) => item.group === group));
  return (
    <details className="kc-items" open={place.items.some(({ group }) => group === 'unexplained')}>
      <summary>{text('proof.items', { count: place.items.length })}</summary>
      <table className="kc-item-table" aria-label={`${name}: ${text('proof.itemsOf')}`}>
        <tbody>
          {known.map((group) => (
            <Fragment key={group}>
              <tr className={`kc-item-group kc-item-${group}`}>
                <th colSpan={3} scope="rowgroup">
                  {term('proofGroups', group)}
                </th>
              </tr>
              {place.items
                .filter((item) => item.group === group)
                .map((item) => (
                  <ItemLine
                    key={`${item.kind} ${item.reference}`}
                    item={item}
                    currency={place.currency}
                  />
                ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function ItemLine({ item, currency }: { readonly item: ProofItem; readonly currency: string }) {
  const term = useTerm();
  const isId = /^[a-z]+_[0-9a-z]{26}$/.test(item.reference);
  return (
    <tr>
      <td>{term('proofItems', item.kind)}</td>
      <td>{isId ? <ObjectLink id={item.reference} /> : item.reference}</td>
      <td>
        <SignedMoney amount={item.amount} currency={currency} />
      </td>
    </tr>
  );
}
