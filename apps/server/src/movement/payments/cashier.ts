import { hash, randomBytes } from 'node:crypto';
import { ok, type Refusal, type Result } from '@keyturn/kernel';
import type { PaymentsCommands } from './commands/index.ts';
import { refuse } from './errors.ts';
import type { OrderReader } from './read-orders.ts';
import { readSession } from './store.ts';
import type { PaymentsDeps, PaymentsService } from './types.ts';
import { cashierView } from './views.ts';

type Cashier = Pick<PaymentsService, 'createCashierSession' | 'orderOfToken' | 'cashier'>;

/** The link stays a while after the order's end, so that the payer can see how it ended. */
const afterExpiry = { hours: 7 * 24 } as const;

/**
 * Links to the cashier's page. A token is 32 random bytes, shown once; only its digest is kept, so
 * that nobody who reads the database can pay or look in anybody's name.
 */
export function createCashier(
  deps: PaymentsDeps,
  commands: PaymentsCommands,
  reader: OrderReader,
): Cashier {
  async function orderOfToken(token: string): Promise<Result<string, Refusal>> {
    const session = await readSession(deps.database, hash('sha256', token));
    const now = deps.clock.now();
    if (!session || Temporal.Instant.compare(now, session.expiresAt) >= 0) {
      return refuse('cashier_link_invalid');
    }
    return ok(session.orderId);
  }

  return {
    createCashierSession: async (orderId) => {
      const found = await reader.rows(orderId);
      if (!found.ok) return found;
      const token = randomBytes(32).toString('base64url');
      const tokenSha256 = hash('sha256', token);
      const expiresAt = found.value.order.expiresAt.add(afterExpiry).toString();
      const made = await commands.createSession(`payments.create_cashier_session:${tokenSha256}`, {
        orderId,
        tokenSha256,
        expiresAt,
      });
      if (!made.ok) return made;
      return ok({ token, url: `${deps.publicUrl}/pay/${token}`, expires_at: expiresAt });
    },
    orderOfToken,
    cashier: async (token) => {
      const orderId = await orderOfToken(token);
      const found = orderId.ok ? await reader.rows(orderId.value) : orderId;
      return found.ok ? ok(cashierView(found.value, deps.clock.now())) : found;
    },
  };
}
