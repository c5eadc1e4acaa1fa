import {
  decodeCursor,
  encodeId,
  ok,
  type Page,
  pageOf,
  present,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import { createLookup } from '@keyturn/pipeline';
import { type ActorOf, actorsOf, type Principal } from '../../who/access/index.ts';
import type { SplitView } from '../settlement/index.ts';
import { refuse } from './errors.ts';
import {
  readAgreementPage,
  readAgreements,
  readChildren,
  readDealOfReference,
  readDealOfRelease,
  readDealPage,
  readDeals,
  readLegs,
  readLines,
  readReleasesByState,
} from './store.ts';
import type { Agreement, Deal, Item, Release } from './tables.ts';
import type { EscrowDeps, EscrowService, ListQuery } from './types.ts';
import { type DealMoneyView, dealMoneyView } from './view/deal-money.ts';
import type { DealFacts, Viewer } from './view/facts.ts';
import {
  agreementView,
  type DealSummary,
  dealSummary,
  dealView,
  type ReleaseSummary,
  releaseSummary,
} from './views.ts';

export type Reader = Pick<
  EscrowService,
  'agreement' | 'agreements' | 'deal' | 'deals' | 'releases'
> & {
  /** What a viewer sees of a deal's money; all of it without a role. */
  money(dealId: string, viewer?: Viewer, by?: Principal): Promise<Result<DealMoneyView, Refusal>>;
  /** The deal, when the caller may act on it. */
  mayTouch(dealId: string, by?: Principal): Promise<Result<Deal, Refusal>>;
  dealOfRelease(releaseId: string): Promise<Result<string, Refusal>>;
  /** What the party of a role has to pay of an item: by the order that is open, if one is. */
  payable(
    dealId: string,
    role: string,
    itemKey: string,
  ): Promise<Result<{ readonly orderId: string | undefined }, Refusal>>;
};

/** Reads agreements and deals for people and systems. */
export function createReader(deps: EscrowDeps): Reader {
  const { database } = deps;
  const find = createLookup<string, Deal>({
    load: async (ids) => new Map((await readDeals(database, ids)).map((deal) => [deal.id, deal])),
  });
  const mayTouch = async (dealId: string, by?: Principal) =>
    ownDeal(await find(dealId), dealId, by);
  return {
    mayTouch,
    dealOfRelease: async (releaseId) => {
      const dealId = await readDealOfRelease(database, releaseId);
      if (dealId !== undefined) return ok(dealId);
      return refuse('release_not_found', { values: { release_id: encodeId('rel', releaseId) } });
    },
    payable: async (dealId, role, itemKey) => {
      const deal = await mayTouch(dealId);
      return deal.ok ? payable(deps, deal.value, role, itemKey) : deal;
    },
    agreement: async (id) => {
      const [agreement] = await readAgreements(database, [id]);
      if (agreement) return ok(agreementView(agreement, await makersOf(deps, [agreement])));
      return refuse('agreement_not_found', { values: { agreement_id: encodeId('agr', id) } });
    },
    agreements: (query) =>
      page(
        query,
        last,
        (before, limit) => readAgreementPage(database, before, limit),
        async (rows) => {
          const who = await makersOf(deps, rows);
          return rows.map((row) => agreementView(row, who));
        },
      ),
    deals: async (query, by) => {
      if (query.referenceId !== undefined) return dealOfReference(deps, query.referenceId, by);
      const own = by.kind === 'integrator' ? { integratorId: by.id } : undefined;
      const filter = own ?? (query.state === undefined ? undefined : { state: query.state });
      const read = (before: string, limit: number) => readDealPage(database, filter, before, limit);
      return page(query, last, read, async (deals) => deals.map(dealSummary));
    },
    releases: (state, query) => {
      const read = (after: string, limit: number) =>
        readReleasesByState(database, state, after, limit);
      return page(query, first, read, (releases) => releaseSummaries(deps, releases));
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
  show: (rows: readonly Row[]) => Promise<readonly View[]>,
): Promise<Result<Page<View>, Refusal>> {
  const position = query.cursor === undefined ? [begin] : decodeCursor(query.cursor, ['uuid']);
  const start = position?.[0];
  if (start === undefined) {
    return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
  }
  const { items, nextCursor } = pageOf(await read(start, query.limit + 1), query.limit, (row) => [
    row.id,
  ]);
  return ok({ items: await show(items), nextCursor });
}

function makersOf({ database }: EscrowDeps, agreements: readonly Agreement[]): Promise<ActorOf> {
  const kept = agreements.flatMap(({ madeBy, publishedBy }) => [madeBy, publishedBy]);
  return actorsOf(database, kept);
}

/** The deal that something belongs to: one or none, as a page. */
async function dealOfReference(
  { database }: EscrowDeps,
  referenceId: string,
  by: Principal,
): Promise<Result<Page<DealSummary>, Refusal>> {
  const deal = await readDealOfReference(database, referenceId);
  const seen = deal && isVisible(deal, by) ? [dealSummary(deal)] : [];
  return ok({ items: seen, nextCursor: undefined });
}

/** Releases with what they are of: their deal, their amount, who asked for them. */
async function releaseSummaries(
  { database }: EscrowDeps,
  releases: readonly Release[],
): Promise<readonly ReleaseSummary[]> {
  const [one, ...others] = new Set(releases.map(({ dealId }) => dealId));
  if (one === undefined) return [];
  const deals = await readDeals(database, [one, ...others]);
  const legs = await readLegs(database, [one, ...others]);
  const [terms, ...more] = new Set(deals.map(({ agreementId }) => agreementId));
  const agreements = terms === undefined ? [] : await readAgreements(database, [terms, ...more]);
  const who = await actorsOf(
    database,
    releases.map(({ maker }) => maker),
  );
  return releases.map((release) => {
    const deal = present(
      deals.find(({ id }) => id === release.dealId),
      'the deal of a release',
    );
    const agreement = present(
      agreements.find(({ id }) => id === deal.agreementId),
      'the agreement of a deal',
    );
    const amount = legs
      .filter(({ releaseId }) => releaseId === release.id)
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    return releaseSummary(release, deal, agreement, amount, who);
  });
}

function isVisible(deal: Deal, by: Principal | undefined): boolean {
  return by?.kind !== 'integrator' || deal.integratorId === by.id;
}

/** Integrators see their own deals; what is another's does not exist for them. */
function ownDeal(
  deal: Deal | undefined,
  dealId: string,
  by: Principal | undefined,
): Result<Deal, Refusal> {
  if (deal && isVisible(deal, by)) return ok(deal);
  return refuse('deal_not_found', { values: { deal_id: encodeId('deal', dealId) } });
}

async function payable(
  { database }: EscrowDeps,
  deal: Deal,
  role: string,
  itemKey: string,
): Promise<Result<{ readonly orderId: string | undefined }, Refusal>> {
  const { items } = await database.transaction((tx) => readChildren(tx, [deal.id]));
  const [agreement] = await readAgreements(database, [deal.agreementId]);
  const terms = agreement?.terms.items.find(({ key }) => key === itemKey);
  const item = items.find(({ key }) => key === itemKey);
  if (terms?.payer !== role || !item) {
    return refuse('item_not_yours', { param: 'key', values: { item: itemKey, role } });
  }
  const open = item.openMinor > 0n ? item.orderId : null;
  return ok({ orderId: open ?? undefined });
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
    who: await actorsOf(deps.database, [
      read.deal.failureBy,
      ...read.releases.flatMap(({ maker, checker }) => [maker, checker]),
    ]),
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
