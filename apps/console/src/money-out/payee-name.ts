import type { Payout } from '../api/payouts.ts';

/** Who is paid: an account of ours has a name, of others the masked number is all that is shown. */
export function payeeName({ payee }: Payout): string {
  return payee.kind === 'custody_account' ? `${payee.id} (…${payee.number})` : payee.number;
}
