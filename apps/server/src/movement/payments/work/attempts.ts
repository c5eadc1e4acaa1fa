import { randomUUID } from 'node:crypto';
import { assert, type Currency, isCurrency, present } from '@keyturn/kernel';
import type { AcquirerState, ChannelAnswer } from '../../../banks/channels/index.ts';
import type { PaymentsCommands } from '../commands/index.ts';
import type { AnswerOutput } from '../commands/orders.ts';
import type { AttemptAnswer } from '../decide/answer-attempt.ts';
import { isPaidAttempt } from '../decide/attempt-state.ts';
import { readOrders } from '../store.ts';
import type { Attempt, Order } from '../tables.ts';
import type { PaymentsDeps } from '../types.ts';

/** An attempt and its order, as they were read: the commands look again under their locks. */
export interface AttemptAndOrder {
  readonly order: Order;
  readonly attempt: Attempt;
}

/**
 * What happens between an attempt and its channel. No transaction is open while the network is
 * asked.
 */
export interface AttemptWork {
  /** Takes a new attempt to its channel. */
  send(pair: AttemptAndOrder): Promise<void>;
  /** Does what an attempt needs next, whatever it is; doing it twice changes nothing. */
  lookAfter(attempt: Attempt): Promise<void>;
}

function currencyOf(order: Order): Currency {
  assert(isCurrency(order.currency), 'an order is in a currency that we keep');
  return order.currency;
}

/** A success with everything in it that is checked before it is booked. */
export function successOf(state: AcquirerState, now: Temporal.Instant) {
  const { channelNumber, amount, currency, paidAt } = state;
  if (channelNumber === undefined || amount === undefined) return undefined;
  return {
    channelNumber,
    amount,
    ...(currency === undefined ? {} : { currency }),
    paidAt: (paidAt ?? now).toString(),
  };
}

export function createAttemptWork(deps: PaymentsDeps, commands: PaymentsCommands): AttemptWork {
  const { acquirer } = deps.channels;

  /** What a channel said is looked at under the locks; the call has a name of its own. */
  async function record(
    attempt: Attempt,
    answer: AttemptAnswer,
  ): Promise<AnswerOutput | undefined> {
    const key = `payments.answer_attempt:${attempt.id}:${randomUUID()}`;
    const { orderId, id: attemptId } = attempt;
    const outcome = await commands.answerAttempt(key, { orderId, attemptId, answer });
    if (outcome.ok) return outcome.value;
    deps.logger.error({ attempt: attempt.id, code: outcome.error.code }, 'an answer was refused');
    return undefined;
  }

  async function prepay({ order, attempt }: AttemptAndOrder): Promise<void> {
    const contractId = present(attempt.contractId, 'the contract of an acquirer attempt');
    const answer = await acquirer.prepay({
      contractId,
      number: attempt.number,
      amount: attempt.amountMinor,
      currency: currencyOf(order),
      description: order.subject,
      expiresAt: order.expiresAt,
      scene: attempt.method === 'wechat_h5' ? 'h5' : 'native',
      ...(attempt.payerIp === null ? {} : { payerIp: attempt.payerIp }),
      now: deps.clock.now(),
    });
    await record(attempt, prepaid(answer));
  }

  async function openTransfer({ order, attempt }: AttemptAndOrder): Promise<void> {
    const opened = await deps.custody.requestVirtualAccount({
      accountId: present(order.custodyAccountId, 'the custody account of a transfer'),
      ownerKind: 'order',
      ownerId: order.id,
      name: order.number,
    });
    if (!opened.ok) {
      const { code } = opened.error;
      deps.logger.warn({ attempt: attempt.id, code }, 'no virtual account could be asked for');
      return;
    }
    const { state, refusal } = opened.value;
    if (state === 'open') await record(attempt, { kind: 'taken' });
    if (state === 'refused' && refusal !== null) {
      const nextStep = 'Pay by another method, or ask the bank about the master account.';
      await record(attempt, { kind: 'refused', ...refusal, nextStep });
    }
  }

  /**
   * Nobody can be kept from sending money; the bank is asked to take none for this number any more.
   */
  async function closeTransfer(attempt: Attempt): Promise<void> {
    const account = await deps.custody.virtualAccountOf(attempt.orderId);
    if (account !== undefined) {
      const closed = await deps.custody.closeVirtualAccount(account.id);
      if (!closed.ok) {
        const { code } = closed.error;
        deps.logger.warn({ attempt: attempt.id, code }, 'a virtual account could not be closed');
        return;
      }
    }
    await record(attempt, { kind: 'ended', state: 'closed' });
  }

  /**
   * Asks the channel; books a success, keeps anything else.
   *
   * @param saidPaid the channel has just refused to close it because it is paid: then an answer
   *   that says otherwise is not believed
   * @returns what became of an attempt that the channel does not know, or has nothing for
   */
  async function ask(attempt: Attempt, saidPaid: boolean): Promise<AnswerOutput | undefined> {
    const contractId = present(attempt.contractId, 'the contract of an acquirer attempt');
    const answer = await acquirer.query({ contractId, number: attempt.number });
    if (answer.outcome !== 'ok' || (saidPaid && answer.value.state !== 'succeeded')) {
      await record(attempt, { kind: 'unknown' });
      return undefined;
    }
    const { value } = answer;
    switch (value.state) {
      case 'succeeded':
        await confirm(attempt, contractId, value);
        return undefined;
      case 'not_found': {
        const rule = await deps.channels.proofRule(contractId, 'prepay');
        if (!rule.ok) return undefined;
        return record(attempt, { kind: 'not_found', rule: rule.value });
      }
      case 'closed':
      case 'failed':
        await record(attempt, { kind: 'ended', state: value.state });
        return undefined;
      case 'paying':
      case 'unpaid':
        return record(attempt, { kind: value.state });
    }
  }

  async function confirm(attempt: Attempt, contractId: string, state: AcquirerState) {
    const success = successOf(state, deps.clock.now());
    if (success === undefined) {
      deps.logger.error({ attempt: attempt.id }, 'a success without number or amount was told');
      return;
    }
    const key = `payments.confirm:query:${attempt.id}:${randomUUID()}`;
    const outcome = await commands.confirm(key, { contractId, number: attempt.number, ...success });
    if (outcome.ok) return;
    deps.logger.error({ attempt: attempt.id, code: outcome.error.code }, 'a success was refused');
  }

  async function place(attempt: Attempt): Promise<void> {
    const key = `payments.place:${attempt.id}:${randomUUID()}`;
    await commands.place(key, { orderId: attempt.orderId, attemptId: attempt.id });
  }

  async function lookAfter(attempt: Attempt): Promise<void> {
    if (isPaidAttempt(attempt.state)) return place(attempt);
    const [order] = await readOrders(deps.database, [attempt.orderId]);
    const pair = { order: present(order, 'the order of an attempt'), attempt };
    if (attempt.method === 'bank_transfer') {
      return attempt.state === 'closing' ? closeTransfer(attempt) : openTransfer(pair);
    }
    const closed = attempt.state === 'closing' ? await closeAtChannel(attempt) : undefined;
    if (closed === 'closed') return;
    const heard = await ask(attempt, closed === 'already_paid');
    const hasPage = attempt.codeUrl !== null || attempt.h5Url !== null;
    if (heard?.mayResend !== true || hasPage) return;
    // The channel has nothing for the payer under this number: it gets the same request once more.
    const again = await record(attempt, { kind: 'resend' });
    if (again !== undefined && again.submissions > attempt.submissions) await prepay(pair);
  }

  async function closeAtChannel(attempt: Attempt): Promise<'closed' | 'already_paid' | undefined> {
    const contractId = present(attempt.contractId, 'the contract of an acquirer attempt');
    const answer = await acquirer.close({ contractId, number: attempt.number });
    if (answer.outcome !== 'ok') return undefined;
    if (answer.value === 'closed') await record(attempt, { kind: 'ended', state: 'closed' });
    return answer.value;
  }

  return {
    send: (pair) => (pair.attempt.method === 'bank_transfer' ? openTransfer(pair) : prepay(pair)),
    lookAfter,
  };
}

function prepaid(answer: ChannelAnswer<{ codeUrl?: string; h5Url?: string }>): AttemptAnswer {
  switch (answer.outcome) {
    case 'ok':
      return { kind: 'taken', ...answer.value };
    case 'refused': {
      const { code, message, nextStep } = answer;
      return { kind: 'refused', code, message, nextStep };
    }
    case 'unknown':
      return { kind: 'unknown' };
  }
}
