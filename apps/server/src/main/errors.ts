import { type ErrorRegistry, mergeErrors } from '@keyturn/kernel';
import { ledgerErrors, takeoverErrors } from '@keyturn/ledger';
import { channelsErrors } from '../banks/channels/index.ts';
import { custodyErrors } from '../banks/custody/index.ts';
import { escrowErrors } from '../flows/escrow/index.ts';
import { settlementErrors } from '../flows/settlement/index.ts';
import { paymentsErrors } from '../movement/payments/index.ts';
import { payoutsErrors } from '../movement/payouts/index.ts';
import { platformErrors } from '../platform/index.ts';
import { reconciliationErrors } from '../watch/reconciliation/index.ts';
import { accessErrors } from '../who/access/index.ts';
import { partiesErrors } from '../who/parties/index.ts';

/** Every refusal of the platform: one registry for the edge, the documents and the tests. */
export function allErrors(): ErrorRegistry {
  return mergeErrors(
    platformErrors,
    ledgerErrors,
    takeoverErrors,
    partiesErrors,
    accessErrors,
    channelsErrors,
    custodyErrors,
    paymentsErrors,
    payoutsErrors,
    settlementErrors,
    escrowErrors,
    reconciliationErrors,
  );
}
