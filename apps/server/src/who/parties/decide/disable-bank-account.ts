import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { RowSet } from '@keyturn/pipeline';
import type { CommandContext } from '../../../platform/index.ts';
import { refuse } from '../errors.ts';
import { partiesEvent } from '../events.ts';
import type { BankAccountRow } from '../rows.ts';
import type { BankAccountView, Requester } from '../types.ts';
import { bankAccountView, idPrefix } from '../views.ts';
import { accountPayload } from './add-bank-account.ts';
import { mayDisable } from './visible.ts';

export interface DisableBankAccountInput {
  readonly by: Requester;
  readonly id: string;
}

/** From active to disabled, for good. An account that is disabled already stays as it is. */
export function disableBankAccount(
  bankAccounts: RowSet<BankAccountRow>,
  { by, id }: DisableBankAccountInput,
  context: CommandContext,
): Result<BankAccountView, Refusal> {
  const row = bankAccounts.get(id);
  if (!row || !mayDisable(row, by)) {
    const bank_account_id = encodeId(idPrefix.bankAccount, id);
    return refuse('bank_account_not_found', { param: 'id', values: { bank_account_id } });
  }
  if (row.state === 'disabled') return ok(bankAccountView(row));
  const events = row.events + 1n;
  const disabled = bankAccounts.update(id, {
    state: 'disabled',
    disabledBy: by.id,
    disabledAt: context.now,
    events,
  });
  context.emit(partiesEvent('bank_account_disabled', id, events, accountPayload(disabled)));
  return ok(bankAccountView(disabled));
}
