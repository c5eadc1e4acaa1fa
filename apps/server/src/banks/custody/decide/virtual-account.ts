import type { ChannelAnswer } from '../../channels/index.ts';
import type { VirtualAccount, VirtualAccountStatus } from '../types.ts';

/**
 * The states of a virtual account. `requested`: asked for at the bank, or about to be. `refused`:
 * the bank said no; asking for it anew makes a new request. `closing`: until the bank has closed
 * it.
 */
export const virtualAccountTransitions: Readonly<
  Record<VirtualAccountStatus, readonly VirtualAccountStatus[]>
> = {
  requested: ['open', 'refused'],
  refused: ['requested'],
  open: ['closing'],
  closing: ['closed'],
  closed: [],
};

/** What the bank's answer to an opening makes of it; undefined while it is not known. */
export function afterOpening(
  answer: ChannelAnswer<{ number: string }>,
): Pick<VirtualAccount, 'state' | 'number' | 'refusal'> | undefined {
  if (answer.outcome === 'ok') {
    return { state: 'open', number: answer.value.number, refusal: null };
  }
  if (answer.outcome === 'unknown') return undefined;
  const { code, message } = answer;
  return { state: 'refused', number: null, refusal: { code, message } };
}

/**
 * What the bank's answer to a closing makes of it. A refusal leaves it closing: money lies on it,
 * or the bank wants to be asked later.
 */
export function afterClosing(
  answer: ChannelAnswer<{ state: 'open' | 'closed' }>,
): Pick<VirtualAccount, 'state' | 'refusal'> {
  if (answer.outcome === 'ok' && answer.value.state === 'closed') {
    return { state: 'closed', refusal: null };
  }
  if (answer.outcome !== 'refused') return { state: 'closing', refusal: null };
  return { state: 'closing', refusal: { code: answer.code, message: answer.message } };
}
