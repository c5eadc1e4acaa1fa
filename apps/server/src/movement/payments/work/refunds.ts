import { randomUUID } from 'node:crypto';
import { present } from '@keyturn/kernel';
import type { ChannelAnswer, RefundState } from '../../../banks/channels/index.ts';
import type { PaymentsCommands } from '../commands/index.ts';
import type { RefundAnswer } from '../decide/refund-steps.ts';
import { readAttempts } from '../store.ts';
import type { Refund } from '../tables.ts';
import type { PaymentsDeps } from '../types.ts';

/**
 * What happens between a refund and its channel. No transaction is open while the network is asked.
 */
export interface RefundWork {
  /** Does what a refund needs next, whatever it is; doing it twice changes nothing. */
  lookAfter(refund: Refund): Promise<void>;
}

/** A channel's answer to sending a refund. */
function sentAnswer(answer: ChannelAnswer<RefundState>, refund: Refund): RefundAnswer {
  if (answer.outcome === 'unknown') return { kind: 'unknown' };
  if (answer.outcome === 'refused') {
    const { code, message, nextStep } = answer;
    return { kind: 'refused', code, message, nextStep };
  }
  return toldAnswer(answer.value, refund) ?? { kind: 'unknown' };
}

/**
 * What a channel says about a refund that it has; undefined when the amount is not ours, or it has
 * none.
 */
export function toldAnswer(state: RefundState, refund: Refund): RefundAnswer | undefined {
  if (state.amount !== undefined && state.amount !== refund.amountMinor) return undefined;
  const number = state.channelNumber === undefined ? {} : { channelNumber: state.channelNumber };
  switch (state.state) {
    case 'processing':
      return { kind: 'processing', ...number };
    case 'abnormal':
      return { kind: 'abnormal', ...number };
    case 'closed':
      return { kind: 'closed' };
    case 'succeeded':
      return {
        kind: 'succeeded',
        ...number,
        ...(state.at === undefined ? {} : { at: state.at.toString() }),
      };
    case 'not_found':
      return undefined;
  }
}

export function createRefundWork(deps: PaymentsDeps, commands: PaymentsCommands): RefundWork {
  const { acquirer } = deps.channels;

  async function record(refund: Refund, answer: RefundAnswer) {
    const key = `payments.answer_refund:${refund.id}:${randomUUID()}`;
    const outcome = await commands.answerRefund(key, { refundId: refund.id, answer });
    if (outcome.ok) return outcome.value;
    deps.logger.error({ refund: refund.id, code: outcome.error.code }, 'an answer was refused');
    return undefined;
  }

  async function send(refund: Refund): Promise<void> {
    const key = `payments.submit_refund:${refund.id}:${randomUUID()}`;
    const stored = await commands.submitRefund(key, { refundId: refund.id });
    if (!stored.ok || !stored.value.send) return;
    const attempts = await readAttempts(deps.database, [refund.orderId]);
    const attempt = present(
      attempts.find(({ id }) => id === refund.attemptId),
      'the attempt of a refund',
    );
    const answer = await acquirer.refund({
      contractId: refund.contractId,
      number: refund.submissionNumber,
      paymentNumber: attempt.number,
      amount: refund.amountMinor,
      total: attempt.amountMinor,
      reason: refund.reason,
    });
    await record(refund, sentAnswer(answer, refund));
  }

  async function ask(refund: Refund): Promise<void> {
    const { contractId, submissionNumber: number } = refund;
    const answer = await acquirer.queryRefund({ contractId, number });
    if (answer.outcome !== 'ok') {
      await record(refund, { kind: 'unknown' });
      return;
    }
    if (answer.value.state !== 'not_found') {
      const told = toldAnswer(answer.value, refund);
      if (told !== undefined) await record(refund, told);
      else deps.logger.error({ refund: refund.id }, 'the channel has a refund of another amount');
      return;
    }
    const rule = await deps.channels.proofRule(contractId, 'refund');
    if (!rule.ok) return;
    const heard = await record(refund, { kind: 'not_found', rule: rule.value });
    // The channel has nothing under this number: it gets the same request once more.
    if (heard?.mayResend === true) await send(refund);
  }

  return {
    lookAfter: async (refund) => {
      if (refund.state === 'approved') await send(refund);
      else await ask(refund);
    },
  };
}
