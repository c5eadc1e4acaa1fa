import type { Overdue } from '../../platform/index.ts';
import { readOverdueAttempts, readOverdueRefunds } from './store.ts';
import type { PaymentsDeps } from './types.ts';

/** After how long somebody should look; acquirers give money back within three days. */
const patience = { unknown: { minutes: -15 }, pending: { hours: -72 } } as const;

/** Attempts and refunds whose end their channel has not told for longer than is usual. */
export async function readOverdue({
  database,
  clock,
}: Pick<PaymentsDeps, 'database' | 'clock'>): Promise<readonly Overdue[]> {
  const now = clock.now();
  const unknown = now.add(patience.unknown);
  const pending = now.add(patience.pending);
  return [
    { what: 'payments unknown', ...(await readOverdueAttempts(database, unknown)) },
    {
      what: 'refunds unknown',
      ...(await readOverdueRefunds(database, ['submitted', 'unknown'], unknown)),
    },
    { what: 'refunds pending', ...(await readOverdueRefunds(database, ['pending'], pending)) },
    { what: 'refunds stuck', ...(await readOverdueRefunds(database, ['abnormal'], unknown)) },
  ];
}
