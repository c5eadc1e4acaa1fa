import type { Attempt, Cashier, Method } from './cashier.ts';

/** What the payer's page is about right now. One of these is always shown. */
export type Phase =
  | { readonly kind: 'choose'; readonly after: 'nothing' | 'failed' | 'closed' }
  | { readonly kind: 'code'; readonly attempt: Attempt; readonly codeUrl: string }
  | { readonly kind: 'h5'; readonly attempt: Attempt; readonly h5Url: string }
  | { readonly kind: 'bank'; readonly attempt: Attempt }
  | { readonly kind: 'preparing'; readonly attempt: Attempt }
  | { readonly kind: 'processing'; readonly attempt: Attempt }
  | { readonly kind: 'closing' }
  | { readonly kind: 'paid'; readonly attempt: Attempt | undefined }
  | { readonly kind: 'refunded' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'canceled' };

/** What the payer chose on this page: a method to pay by, or to choose again. */
export type Wish = Method | 'choose' | undefined;

const open = new Set(['created', 'submitted', 'pending', 'unknown', 'closing']);

/** The attempts that may still bring money, the newest first. */
export function openAttempts({ attempts }: Cashier): readonly Attempt[] {
  return newestFirst(attempts).filter(({ state }) => open.has(state));
}

function newestFirst(attempts: readonly Attempt[]): readonly Attempt[] {
  return [...attempts].sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
}

/** An open attempt by a method that the payer can go on with instead of beginning another. */
export function attemptBy(cashier: Cashier, method: Method): Attempt | undefined {
  return openAttempts(cashier).find((one) => one.method === method && one.state !== 'closing');
}

/** Follows from what the platform says alone, except that the payer may choose again. */
export function phaseOf(cashier: Cashier, wish: Wish): Phase {
  const ended = endOf(cashier);
  if (ended !== undefined) return ended;
  if (cashier.closing) return { kind: 'closing' };
  if (wish === 'choose') return { kind: 'choose', after: 'nothing' };
  const wished = wish === undefined ? undefined : attemptBy(cashier, wish);
  const attempt = wished ?? openAttempts(cashier)[0];
  if (attempt === undefined) return { kind: 'choose', after: lastEnd(cashier) };
  return phaseOfAttempt(attempt);
}

/** How it ended, when nothing is left to do here. */
function endOf(cashier: Cashier): Phase | undefined {
  switch (cashier.state) {
    case 'succeeded': {
      if (cashier.refunded.amount >= cashier.paid.amount) return { kind: 'refunded' };
      const paid = cashier.attempts.filter(({ paid_at }) => paid_at !== undefined);
      return { kind: 'paid', attempt: newestFirst(paid)[0] };
    }
    case 'expired':
      return { kind: 'expired' };
    case 'canceled':
      return { kind: 'canceled' };
    default:
      return undefined;
  }
}

function lastEnd(cashier: Cashier): 'nothing' | 'failed' | 'closed' {
  const [last] = newestFirst(cashier.attempts);
  return last?.state === 'failed' || last?.state === 'closed' ? last.state : 'nothing';
}

function phaseOfAttempt(attempt: Attempt): Phase {
  const { state, code_url: codeUrl, h5_url: h5Url } = attempt;
  if (attempt.method === 'bank_transfer' && attempt.bank_transfer !== undefined) {
    return { kind: 'bank', attempt };
  }
  if (state === 'created' || state === 'submitted') return { kind: 'preparing', attempt };
  if (state === 'pending' && codeUrl !== undefined) return { kind: 'code', attempt, codeUrl };
  if (state === 'pending' && h5Url !== undefined) return { kind: 'h5', attempt, h5Url };
  return { kind: 'processing', attempt };
}

/** Whether nothing will change any more. Closed orders may still take late money, but seldom do. */
export function isOver(cashier: Cashier): boolean {
  return ['succeeded', 'expired', 'canceled'].includes(cashier.state);
}

/**
 * The methods in the order in which this device serves them best: a phone opens WeChat itself, a
 * computer shows a code to be scanned.
 */
export function methodsFor(offered: readonly Method[], touch: boolean): readonly Method[] {
  const order: readonly Method[] = touch
    ? ['wechat_h5', 'wechat_native', 'bank_transfer']
    : ['wechat_native', 'bank_transfer', 'wechat_h5'];
  const usable = order.filter((method) => offered.includes(method));
  const shown = touch ? usable : usable.filter((method) => method !== 'wechat_h5');
  return shown.length === 0 ? usable : shown;
}
