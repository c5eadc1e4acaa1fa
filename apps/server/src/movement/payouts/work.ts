import { randomUUID } from 'node:crypto';
import { assert, isCurrency, ok, present, type Refusal, type Result } from '@keyturn/kernel';
import {
  type BankPaymentState,
  type ChannelAnswer,
  nextQueryAt,
} from '../../banks/channels/index.ts';
import type { CustodyAccount } from '../../banks/custody/index.ts';
import type { PayoutsCommands } from './commands.ts';
import type { PayoutAnswer } from './decide/answer.ts';
import { claimPayouts, reschedulePayouts } from './store.ts';
import type { Payout } from './tables.ts';
import type { PayoutsDeps } from './types.ts';

/** Where the money goes, in the clear: for the bank alone. */
interface PayTo {
  readonly number: string;
  readonly name: string;
  readonly bankCode: string;
}

/** How much is taken at a time, and for how long nobody else looks at it. */
const claimLimit = 50;
const lease = { seconds: 60 } as const;

/**
 * What happens between a pay-out and its bank. No transaction is open while the network is asked.
 */
export interface PayoutWork {
  /** Does what a pay-out needs next, whatever it is; doing it twice changes nothing. */
  lookAfter(payout: Payout): Promise<void>;
  /** Takes what is due. */
  due(): Promise<number>;
}

export function createPayoutWork(deps: PayoutsDeps, commands: PayoutsCommands): PayoutWork {
  const { channels, custody, parties, logger } = deps;

  async function payTo(payout: Payout): Promise<Result<PayTo, Refusal>> {
    if (payout.payeeKind === 'custody_account') {
      const account = await custody.account(payout.payeeId);
      if (!account.ok) return account;
      const { number, name, bankCode } = account.value;
      return ok({ number, name, bankCode });
    }
    const payee = await parties.payee(payout.payeeId);
    if (!payee.ok) return payee;
    const { number, holderName, bankCode } = payee.value;
    return ok({ number, name: holderName, bankCode });
  }

  async function custodyOf(payout: Payout): Promise<CustodyAccount> {
    const account = await custody.account(payout.custodyAccountId);
    assert(account.ok, 'a pay-out is made on a custody account that is there');
    return account.value;
  }

  /** What the bank said is looked at under the lock; the call has a name of its own. */
  async function record(payout: Payout, answer: PayoutAnswer) {
    const key = `payouts.answer:${payout.id}:${randomUUID()}`;
    const outcome = await commands.answer(key, { payoutId: payout.id, answer });
    if (outcome.ok) return outcome.value;
    logger.error({ payout: payout.id, code: outcome.error.code }, 'an answer was refused');
    return undefined;
  }

  async function send(payout: Payout): Promise<void> {
    const to = await payTo(payout);
    if (!to.ok) return unusable(payout, to.error);
    const account = await custodyOf(payout);
    const key = `payouts.submit:${payout.id}:${randomUUID()}`;
    const stored = await commands.submit(key, { payoutId: payout.id });
    if (!stored.ok || !stored.value.send) return;
    assert(isCurrency(payout.currency), 'a pay-out is in a currency that we keep');
    const answer = await channels.bank.pay({
      contractId: account.contractId,
      messageId: payout.number,
      endToEndId: payout.number,
      account: account.number,
      ...(payout.virtualAccount === null ? {} : { virtualAccount: payout.virtualAccount }),
      amount: payout.amountMinor,
      currency: payout.currency,
      payee: to.value,
      remittance: payout.remittance,
      now: Temporal.Instant.from(stored.value.firstSubmittedAt),
    });
    await record(payout, sentAnswer(answer));
  }

  /**
   * The payee cannot be paid any more: before the bank heard of it, it is stopped; after that, only
   * asked.
   */
  async function unusable(payout: Payout, { code }: Refusal): Promise<void> {
    if (payout.state !== 'approved') {
      logger.warn({ payout: payout.id, code }, 'not sent again: the payee cannot be paid');
      return;
    }
    await commands.stop(`payouts.stop:${payout.id}`, {
      payoutId: payout.id,
      stop: { kind: 'payee_unusable', reason: code },
    });
  }

  async function ask(payout: Payout): Promise<void> {
    const { contractId } = await custodyOf(payout);
    const answer = await channels.bank.paymentStatus({ contractId, endToEndId: payout.number });
    if (answer.outcome !== 'ok') {
      await record(payout, { kind: 'unknown' });
      return;
    }
    if (answer.value.state !== 'not_found') {
      await record(payout, told(answer.value, true));
      return;
    }
    const rule = await channels.proofRule(contractId, 'pay');
    if (!rule.ok) return;
    const heard = await record(payout, { kind: 'not_found', rule: rule.value });
    // The bank has nothing under this number: it gets the same message once more.
    if (heard?.mayResend === true) await send(payout);
  }

  async function lookAfter(payout: Payout): Promise<void> {
    if (payout.state === 'approved') return send(payout);
    if (payout.state === 'paid' && payout.returnReceiptId !== null) {
      const key = `payouts.return:${payout.id}:${randomUUID()}`;
      await commands.takeReturn(key, { payoutId: payout.id, receiptId: payout.returnReceiptId });
      return;
    }
    await ask(payout);
  }

  return {
    lookAfter,
    due: async () => {
      const now = deps.clock.now();
      const until = now.add(lease);
      const rows = await claimPayouts(deps.database, { now, lease: until, limit: claimLimit });
      await Promise.all(
        rows.map((payout) =>
          lookAfter(payout).catch((error: unknown) => {
            logger.warn({ err: error, payout: payout.id }, 'due work failed; it stays due');
          }),
        ),
      );
      const next = rows.map(({ id, queries }) => ({ id, dueAt: nextQueryAt(now, queries) }));
      await reschedulePayouts(deps.database, next, until);
      return rows.length;
    },
  };
}

/** The bank's answer to sending a pay-out. */
function sentAnswer(answer: ChannelAnswer<BankPaymentState>): PayoutAnswer {
  if (answer.outcome === 'unknown') return { kind: 'unknown' };
  if (answer.outcome === 'refused') {
    const { code, message, nextStep } = answer;
    return { kind: 'rejected', code, message, nextStep, asked: false };
  }
  return told(answer.value, false);
}

function told(state: BankPaymentState, asked: boolean): PayoutAnswer {
  switch (state.state) {
    case 'accepted':
    case 'pending':
      return { kind: 'in_transit' };
    case 'paid': {
      const { bankReference } = state;
      return { kind: 'paid', ...(bankReference === undefined ? {} : { bankReference }) };
    }
    case 'rejected':
      return {
        kind: 'rejected',
        code: present(state.reason, 'the reason of a rejection'),
        message: state.reasonText ?? '',
        nextStep: state.nextStep ?? '',
        asked,
      };
    case 'not_found':
      return { kind: 'unknown' };
  }
}
