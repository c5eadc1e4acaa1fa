import type { Faults } from '../core/faults.ts';

/** Where the old ledger can be made to misbehave: each kind's parameters if unsaid. */
const points = {
  'old_ledger.request': {
    delay: { delay_ms: 1_000 },
    timeout_before_effect: { delay_ms: 0 },
    timeout_after_effect: { delay_ms: 0 },
    error: { status: 500, code: 'SYSTEM_ERROR' },
  },
  'old_ledger.row': {
    late: { after: 'PT1H' },
    missing: {},
    repeat: {},
    duplicate: {},
    wrong_amount: { by: 1 },
    wrong_sign: {},
  },
} as const;

export function declareOldLedgerFaults(faults: Faults): void {
  for (const [point, kinds] of Object.entries(points)) faults.declare(point, kinds);
}
