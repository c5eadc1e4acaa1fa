/** What reconciliation tells. Ids are uuids, amounts bigint minor units, days ISO bank days. */
export interface ReconciliationEvents {
  'reconciliation.exception_opened': OfException;
  'reconciliation.exception_assigned': OfException & { readonly owner_id: string };
  'reconciliation.exception_proposed': OfException;
  'reconciliation.exception_approved': OfException;
  'reconciliation.exception_resolved': OfException & { readonly journal_id?: string };
  'reconciliation.exception_reopened': OfException;
  'reconciliation.proof_made': {
    readonly proof_id: string;
    readonly day: string;
    readonly version: number;
    readonly balanced: boolean;
  };
}

interface OfException {
  readonly exception_id: string;
  readonly kind: string;
  readonly day: string;
  readonly account_id?: string;
  readonly contract_id?: string;
}
