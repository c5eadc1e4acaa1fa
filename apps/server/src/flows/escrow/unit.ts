import { assert, encodeId, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { combineUnits, createRowSet, type RowSet, type Tx, type Unit } from '@keyturn/pipeline';
import type { CommandContext } from '../../platform/index.ts';
import type { AgreementTerms } from './decide/agreement.ts';
import { afterStep, type DealState, type DealStep } from './decide/deal-state.ts';
import { refuse } from './errors.ts';
import type { EscrowEvents, EscrowEventType } from './events.ts';
import { type DealKeys, lockDeals, readAgreements, readChildren } from './store.ts';
import {
  type Agreement,
  agreementTable,
  type Conversion,
  conversionTable,
  type Deal,
  dealTable,
  type Evidence,
  evidenceTable,
  type Funding,
  fundingTable,
  type Item,
  itemTable,
  type Leg,
  type Line,
  legTable,
  lineTable,
  type Release,
  releaseTable,
  type Shortfall,
  shortfallTable,
} from './tables.ts';

/** A line for a deal's story: the key of a sentence, and what stands in it. */
export interface NewLine {
  readonly kind: string;
  readonly itemKey?: string;
  readonly role?: string;
  readonly amountMinor?: bigint;
  readonly parameters?: Readonly<Record<string, string>>;
}

/**
 * The deals of a batch with everything under them. Deals are locked; their children belong to them.
 */
export interface EscrowUnit extends Unit {
  readonly deals: RowSet<Deal>;
  readonly items: RowSet<Item>;
  readonly fundings: RowSet<Funding>;
  readonly conversions: RowSet<Conversion>;
  readonly evidence: RowSet<Evidence>;
  readonly releases: RowSet<Release>;
  readonly legs: RowSet<Leg>;
  readonly shortfalls: RowSet<Shortfall>;
  load(tx: Tx, keys: DealKeys): Promise<void>;
  /** Reads agreements that new deals will stand on. */
  loadAgreements(tx: Tx, ids: readonly string[]): Promise<void>;
  agreement(id: string): Agreement | undefined;
  deal(id: string): Result<Deal, Refusal>;
  /** The terms that a deal stands on. */
  terms(dealId: string): AgreementTerms;
  itemsOf(dealId: string): readonly Item[];
  legsOf(dealId: string): readonly Leg[];
  /** Takes a deal on, or says why its state does not allow `action`. */
  step(deal: Deal, step: DealStep, action: string): Result<Deal, Refusal>;
  /** Tells the world, and the people of the deal. */
  tell<T extends EscrowEventType>(
    dealId: string,
    type: T,
    payload: Omit<EscrowEvents[T], 'deal_id'>,
    context: CommandContext,
  ): void;
  line(dealId: string, line: NewLine, now: Temporal.Instant): void;
}

export function createEscrowUnit(): EscrowUnit {
  const agreements = createRowSet(agreementTable);
  const lines = createRowSet(lineTable);
  const sets = {
    deals: createRowSet(dealTable),
    items: createRowSet(itemTable),
    fundings: createRowSet(fundingTable),
    conversions: createRowSet(conversionTable),
    evidence: createRowSet(evidenceTable),
    releases: createRowSet(releaseTable),
    legs: createRowSet(legTable),
    shortfalls: createRowSet(shortfallTable),
  };
  const all = combineUnits([...Object.values(sets), lines]);
  const marks: (readonly number[])[] = [];
  const dealRow = (id: string) => present(sets.deals.get(id), 'a deal of this batch');

  return {
    ...sets,
    load: (tx, keys) => loadDeals(sets, agreements, tx, keys),
    loadAgreements: async (tx, ids) => {
      const [first, ...others] = new Set(ids);
      if (first !== undefined) agreements.adopt(await readAgreements(tx, [first, ...others]));
    },
    agreement: (id) => agreements.get(id),
    deal: (id) => {
      const deal = sets.deals.get(id);
      if (deal) return ok(deal);
      return refuse('deal_not_found', { values: { deal_id: encodeId('deal', id) } });
    },
    terms: (dealId) =>
      present(agreements.get(dealRow(dealId).agreementId), 'the agreement of a deal').terms,
    itemsOf: (dealId) =>
      [...sets.items.all()]
        .filter((item) => item.dealId === dealId)
        .sort((a, b) => a.position - b.position),
    legsOf: (dealId) =>
      [...sets.legs.all()]
        .filter((leg) => leg.dealId === dealId)
        .sort((a, b) => a.position - b.position),
    step: (deal, step, action) => {
      const state = afterStep(deal.state, step, deal.stateBefore);
      if (state === undefined) {
        return refuse('deal_state_refused', { values: { state: deal.state, action } });
      }
      return ok(sets.deals.update(deal.id, { state, ...remembered(deal, step) }));
    },
    tell: (dealId, type, payload, context) => {
      const objectSequence = dealRow(dealId).events + 1n;
      sets.deals.update(dealId, { events: objectSequence });
      const told = { deal_id: dealId, ...payload };
      context.emit({ type, objectId: dealId, objectSequence, payload: told });
    },
    line: (dealId, line, now) => {
      const position = dealRow(dealId).lines + 1;
      sets.deals.update(dealId, { lines: position });
      lines.insert(lineRow(dealId, position, line, now));
    },
    mark: () => marks.push(all.mark()) - 1,
    undo: (mark) => {
      all.undo(present(marks[mark], 'a mark of this unit'));
      marks.length = mark;
    },
    flush: all.flush,
  };
}

function lineRow(dealId: string, position: number, line: NewLine, at: Temporal.Instant): Line {
  return {
    dealId,
    position,
    kind: line.kind,
    itemKey: line.itemKey ?? null,
    role: line.role ?? null,
    amountMinor: line.amountMinor ?? null,
    parameters: line.parameters ?? {},
    at,
  };
}

/** Where a withdrawn cancellation leads back to. */
function remembered(deal: Deal, step: DealStep): { stateBefore?: DealState | null } {
  if (step === 'request_cancel') return { stateBefore: deal.state };
  if (step === 'withdraw_cancel') return { stateBefore: null };
  return {};
}

async function loadDeals(
  sets: Pick<
    EscrowUnit,
    'deals' | 'items' | 'fundings' | 'conversions' | 'evidence' | 'releases' | 'legs' | 'shortfalls'
  >,
  agreements: RowSet<Agreement>,
  tx: Tx,
  keys: DealKeys,
): Promise<void> {
  const deals = await lockDeals(tx, keys);
  sets.deals.adopt(deals);
  const [first, ...others] = deals.map(({ id }) => id);
  if (first === undefined) return;
  const [agreement, ...more] = new Set(deals.map(({ agreementId }) => agreementId));
  assert(agreement !== undefined, 'a deal has an agreement');
  const [children, terms] = await Promise.all([
    readChildren(tx, [first, ...others]),
    readAgreements(tx, [agreement, ...more]),
  ]);
  agreements.adopt(terms);
  sets.items.adopt(children.items);
  sets.fundings.adopt(children.fundings);
  sets.conversions.adopt(children.conversions);
  sets.evidence.adopt(children.evidence);
  sets.releases.adopt(children.releases);
  sets.legs.adopt(children.legs);
  sets.shortfalls.adopt(children.shortfalls);
}

/** The place of a deal's next row in one of its lists. All of the deal's rows are loaded. */
export function nextPosition(
  rows: { all(): Iterable<{ readonly dealId: string }> },
  dealId: string,
): number {
  let count = 1;
  for (const row of rows.all()) if (row.dealId === dealId) count += 1;
  return count;
}
