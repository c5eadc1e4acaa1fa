import { type OldBalance, OldLedgerError, type OldMovement, oldName } from '@keyturn/ledger';

/** Reads what the old ledger answers. What is not as agreed is an error that says where. */

type Fields = ReadonlyMap<string, unknown>;

function fault(what: string): never {
  throw new OldLedgerError(`its answer has ${what}`);
}

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fault('something else where an object belongs');
  }
  return new Map(Object.entries(value));
}

export function listOf(fields: Fields, name: string): readonly unknown[] {
  const value = fields.get(name);
  return Array.isArray(value) ? value : fault(`no list "${name}"`);
}

/** A name of the old ledger's: printable ASCII without spaces, 1 to 64 characters. */
export function nameOf(fields: Fields, name: string): string {
  const value = fields.get(name);
  return typeof value === 'string' && oldName.test(value) ? value : fault(`no fit "${name}"`);
}

function nameOrNull(fields: Fields, name: string): string | null {
  return fields.get(name) === null ? null : nameOf(fields, name);
}

/** An integer that the JSON reader kept exactly, or a double that holds one exactly. */
export function integerOf(fields: Fields, name: string): bigint {
  const value = fields.get(name);
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return fault(`no whole number "${name}"`);
}

/** The largest amount that a column of the ledger holds. */
const largest = 2n ** 63n - 1n;

function amountOf(fields: Fields, name: string): bigint {
  const value = integerOf(fields, name);
  return value <= largest && value >= -largest ? value : fault(`an amount out of range "${name}"`);
}

export function instantOf(fields: Fields, name: string): Temporal.Instant {
  const value = fields.get(name);
  try {
    if (typeof value === 'string') return Temporal.Instant.from(value);
  } catch {
    // Not an instant: said below.
  }
  return fault(`no instant "${name}"`);
}

export function movementOf(value: unknown): OldMovement {
  const fields = fieldsOf(value);
  return {
    id: nameOf(fields, 'id'),
    position: integerOf(fields, 'position'),
    account: nameOf(fields, 'account'),
    subject: nameOf(fields, 'subject'),
    amount: amountOf(fields, 'amount'),
    voucher: nameOrNull(fields, 'voucher'),
    order: nameOrNull(fields, 'order'),
    kind: nameOf(fields, 'kind'),
    origin: nameOrNull(fields, 'origin'),
    bookedAt: instantOf(fields, 'booked_at'),
  };
}

export function balanceOf(value: unknown): OldBalance {
  const fields = fieldsOf(value);
  return {
    account: nameOf(fields, 'account'),
    subject: nameOf(fields, 'subject'),
    balance: amountOf(fields, 'balance_minor'),
  };
}
