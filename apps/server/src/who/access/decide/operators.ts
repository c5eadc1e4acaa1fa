import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import type { RowSet } from '@keyturn/pipeline';
import type { CommandContext, Concealed } from '../../../platform/index.ts';
import { refuse } from '../errors.ts';
import type { OperatorRole } from '../principal.ts';
import type { OperatorRow } from '../rows.ts';
import type { OperatorView } from '../types.ts';
import { idPrefix, operatorView } from '../views.ts';

export interface CreateOperatorInput {
  readonly by: string | null;
  readonly username: string;
  readonly name: string;
  readonly roles: readonly OperatorRole[];
  /** The argon2id hash; the stand-in is a blind index of the password itself. */
  readonly password: Concealed<string>;
}

/** `operators` holds those whose user names are asked for. */
export function createOperator(
  operators: RowSet<OperatorRow>,
  input: CreateOperatorInput,
  context: CommandContext,
): Result<OperatorView, Refusal> {
  const { username, name, roles } = input;
  for (const other of operators.all()) {
    if (other.username === username) {
      return refuse('operator_username_taken', { param: 'username', values: { username } });
    }
  }
  const row = operators.insert({
    id: context.newId(username),
    username,
    name,
    password: input.password.value,
    roles: [...new Set(roles)],
    state: 'active',
    createdBy: input.by,
    createdAt: context.now,
  });
  return ok(operatorView(row));
}

export interface DisableOperatorInput {
  readonly by: string;
  readonly id: string;
}

/**
 * Ends all that somebody may do, at once: sessions are only good while their operator is active.
 */
export function disableOperator(
  operators: RowSet<OperatorRow>,
  { by, id }: DisableOperatorInput,
): Result<OperatorView, Refusal> {
  const row = operators.get(id);
  if (!row) {
    const operator_id = encodeId(idPrefix.operator, id);
    return refuse('operator_not_found', { param: 'id', values: { operator_id } });
  }
  if (by === id) return refuse('operator_disables_self', { param: 'id' });
  if (row.state === 'disabled') return ok(operatorView(row));
  return ok(operatorView(operators.update(id, { state: 'disabled' })));
}
