import {
  decodeCursor,
  encodeId,
  ok,
  type Page,
  pageOf,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import type { Queryable } from '@keyturn/pipeline';
import type { Principal } from '../../who/access/index.ts';
import type { SplitView } from '../settlement/index.ts';
import { refuse } from './errors.ts';
import {
  readAgreementPage,
  readAgreements,
  readChildren,
  readDealOfRelease,
  readDealPage,
  readDeals,
  readLines,
  readReleasesByState,
} from './store.ts';
import type { Deal, Item } from './tables.ts';
import type { EscrowDeps, EscrowService, ListQuery } from './types.ts';
import { type DealMoneyView, dealMoneyView } from './view/deal-money.ts';
import type { DealFacts, Viewer } from './view/facts.ts';
import { agreementView, dealSummary, dealView, releaseSummary } from './views.ts';

export type Reader = Pick<
  EscrowService,
  'agreement' | 'agreements' | 'deal' | 'deals' | 'releases'
> & {
  /** What a viewer sees of a deal's money; all of it without a role. */
  money(dealId: string, viewer?: Viewer, by?: Principal): Promise<Result<DealMoneyView, Refusal>>;
  /** The deal, when the caller may act on it. */
  mayTouch(dealId: string, by?: Principal): Promise<Result<Deal, Refusal>>;
  dealOfRelease(releaseId: string): Promise<Result<string, Refusal>>;
};

/** Reads agreements and deals for people and systems. */
export function createReader(deps: EscrowDeps): Reader {
  const { database } = deps;
  const mayTouch = (dealId: string, by?: Principal) => readOwn(database, dealId, by);
  return {
    mayTouch,
    dealOfRelease: async (releaseId) => {
      const dealId = await readDealOfRelease(database, releaseId);
      if (dealId !== undefined) return ok(dealId);
      return refuse('release_not_found', { values: { release_id: encodeId('rel', releaseId) } });
    },
    agreement: async (id) => {
      const [agreement] = await readAgreements(database, [id]);
      if (agreement) return ok(agreementView(agreement));
      return refuse('agreement_not_found', { values: { agreement_id: encodeId('agr', id) } });
    },
    agreements: (query) =>
      page(
        query,
        last,
        (before, limit) => readAgreementPage(database, before, limit),
        agreementView,
      ),
    deals: (query, by) => {
      const own = by.kind === 'integrator' ? { integratorId: by.id } : undefined;
      const filter = own ?? (query.state === undefined ? undefined : { state: query.state });
      const read = (before: string, limit: number) => readDealPage(database, filter, before, limit);
      return page(query, last, read, dealSummary);
    },
    releases: (state, query) => {
      const read = (after: string, limit: number) =>
        readReleasesByState(database, state, after, limit);
      return page(query, first, read, releaseSummary);
    },
    deal: async (id, by) => {
      const found = await mayTouch(id, by);
      if (!found.ok) return found;
      const { agreement, items, names } = await factsOf(deps, found.value);
      return ok(dealView(found.value, agreement, items, names));
    },
    money: async (id, viewer, by) => {
      const found = await mayTouch(id, by);
      if (!found.ok) return found;
      return ok(dealMoneyView(await factsOf(deps, found.value), viewer));
    },
  };
}

const first = '00000000-0000-0000-0000-000000000000';
const last = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

async function page<Row extends { readonly id: string }, View>(
  query: ListQuery,
  begin: string,
  read: (position: string, limit: number) => Promise<readonly Row[]>,
  view: (row: Row) => View,
): Promise<Result<Page<View>, Refusal>> {
  const position = query.cursor === undefined ? [begin] : decodeCursor(query.cursor, ['uuid']);
  const start = position?.[0];
  if (start === undefined) {
    return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
  }
  const { items, nextCursor } = pageOf(await read(start, query.limit + 1), query.limit, (row) => [
    row.id,
  ]);
  return ok({ items: items.map(view), nextCursor });
}

/** Integrators see their own deals; what is another's does not exist for them. */
async function readOwn(
  database: Queryable,
  dealId: string,
  by: Principal | undefined,
): Promise<Result<Deal, Refusal>> {
  const [deal] = await readDeals(database, [dealId]);
  if (deal && (by?.kind !== 'integrator' || deal.integratorId === by.id)) return ok(deal);
  return refuse('deal_not_found', { values: { deal_id: encodeId('deal', dealId) } });
}

/** All that is shown of a deal, at one moment. */
async function factsOf(deps: EscrowDeps, deal: Deal): Promise<DealFacts> {
  const read = await deps.database.transaction(async (tx) => {
    const children = await readChildren(tx, [deal.id]);
    const [agreement] = await readAgreements(tx, [deal.agreementId]);
    const [now] = await readDeals(tx, [deal.id]);
    return { ...children, agreement, deal: now ?? deal, lines: await readLines(tx, deal.id) };
  });
  const { agreement } = read;
  if (!agreement) throw new Error('a deal has an agreement');
  const names = await deps.parties.namesOf(deal.parties.map(({ id }) => id));
  return {
    ...read,
    agreement,
    splits: await splitsOf(
      deps,
      read.items,
      read.fundings.map(({ orderId }) => orderId),
    ),
    names: new Map([...names].map(([id, { name }]) => [id, name])),
    now: deps.clock.now(),
  };
}

async function splitsOf(
  { settlement }: EscrowDeps,
  items: readonly Item[],
  paidOrders: readonly string[],
): Promise<readonly SplitView[]> {
  const open = items.filter(({ code }) => code !== 2101).flatMap(({ orderId }) => orderId ?? []);
  const [one, ...others] = new Set([...open, ...paidOrders]);
  return one === undefined ? [] : settlement.splitsOf([one, ...others]);
}
