import { ok, present, type Refusal, type Result } from '@keyturn/kernel';
import { acquirerFundingsBehind } from './decide/coverage.ts';
import { amountText } from './decide/release.ts';
import { refuse } from './errors.ts';
import { type DealChildren, readAgreements, readChildren } from './store.ts';
import type { Deal } from './tables.ts';
import type { EscrowDeps } from './types.ts';

/**
 * Whether the money of some items lies in custody. What an acquirer has taken and not yet paid to
 * us must not be paid out: it would be the money of other deals. Settled once is settled for ever,
 * so that it may be asked before the command.
 */
export interface Coverage {
  /** Refuses `release_not_settled` for a release that waits for its approval. */
  ofRelease(deal: Deal, releaseId: string): Promise<Result<void, Refusal>>;
  /** The same for one that needs no approval, before it is requested. */
  ofRequest(deal: Deal, releaseKey: string): Promise<Result<void, Refusal>>;
}

export function createCoverage({ database, payments, settlement }: EscrowDeps): Coverage {
  async function judge(
    deal: Deal,
    { fundings, conversions }: DealChildren,
    itemIds: readonly string[],
  ): Promise<Result<void, Refusal>> {
    const behind = acquirerFundingsBehind(itemIds, fundings, conversions);
    const attempts = behind.map(({ attemptId }) => present(attemptId, 'an acquirer’s attempt'));
    const days = await payments.acquirerDays(attempts);
    const settled = await settlement.wholeDays([...days.values()]);
    const open = behind.filter(({ attemptId }) => {
      const day = days.get(attemptId ?? '');
      return day === undefined || !settled.has(`${day.contractId}/${day.tradeDate}`);
    });
    if (open.length === 0) return ok(undefined);
    const amount = open.reduce((sum, one) => sum + one.amountMinor - one.refundedMinor, 0n);
    const dates = open.flatMap(({ attemptId }) => days.get(attemptId ?? '')?.tradeDate ?? []);
    const latest = dates.toSorted(Temporal.PlainDate.compare).at(-1);
    const values = { amount: amountText(amount, deal.currency), date: latest?.toString() ?? '?' };
    return refuse('release_not_settled', { values });
  }

  return {
    ofRelease: async (deal, releaseId) => {
      const children = await database.transaction((tx) => readChildren(tx, [deal.id]));
      const release = children.releases.find(({ id }) => id === releaseId);
      // Decided before: whatever it took was looked at then.
      if (release?.state !== 'pending_approval') return ok(undefined);
      const legs = children.legs.filter((leg) => leg.releaseId === releaseId);
      return judge(
        deal,
        children,
        legs.map(({ itemId }) => itemId),
      );
    },
    ofRequest: async (deal, releaseKey) => {
      const [agreement] = await readAgreements(database, [deal.agreementId]);
      const terms = agreement?.terms.releases.find(({ key }) => key === releaseKey);
      if (terms?.approval !== 'not_required') return ok(undefined);
      const children = await database.transaction((tx) => readChildren(tx, [deal.id]));
      const keys = new Set(terms.items.map(({ item }) => item));
      const items = children.items.filter(({ key }) => keys.has(key));
      return judge(
        deal,
        children,
        items.map(({ id }) => id),
      );
    },
  };
}
