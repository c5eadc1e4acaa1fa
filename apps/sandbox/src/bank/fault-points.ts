import type { Fault, Faults } from '../core/faults.ts';

/** Where the bank can be made to misbehave: each kind's parameters with what they are if unsaid. */
const points = {
  'bank.request': {
    delay: { delay_ms: 1_000 },
    timeout_before_effect: { delay_ms: 0 },
    timeout_after_effect: { delay_ms: 0 },
    error: { status: 500, code: 'SYSTEM_ERROR' },
    bad_signature: {},
  },
  'bank.notify': {
    drop: {},
    delay: { delay_ms: 60_000 },
    duplicate: {},
    early: {},
    bad_signature: {},
    change_amount: { by: 1 },
  },
  'bank.payment': {
    refuse: { reason: 'NARR' },
    stay_pending: { after: 'P1D' },
    say_rejected_then_pay: { reason: 'MS03', after: 'PT10M' },
    say_paid_then_reject: { reason: 'AC04', after: 'PT10M', bank_reference: null },
    return: { reason: 'AC04', after: 'PT2H' },
    silence: { delay_ms: 0 },
  },
  'bank.status': {
    not_found: {},
    accepted: { status: 'ACTC' },
    contradict: { reason: 'NARR' },
    another_payment: {},
    error: { status: 500, code: 'SYSTEM_ERROR' },
  },
  'bank.statement': {
    drop_entry: { index: 0 },
    change_amount: { index: 0, by: 1 },
    duplicate_entry: { index: 0 },
    extra_entry: { amount: 100 },
    wrong_balance: { by: 1 },
    not_ready: {},
  },
  'bank.close_virtual_account': { refuse: {} },
} as const;

export type BankFaultPoint = keyof typeof points;

export function declareBankFaults(faults: Faults): void {
  for (const [point, kinds] of Object.entries(points)) faults.declare(point, kinds);
}

/** An ISO 8601 duration of a fault, or `fallback` when it is none; undefined for `never`. */
export function faultDuration(fault: Fault, name: string, fallback: string) {
  const value = fault[name];
  if (value === 'never') return undefined;
  try {
    return Temporal.Duration.from(typeof value === 'string' ? value : fallback);
  } catch {
    // The fault was planted long ago, and nobody is there to tell: better a fault than none.
    return Temporal.Duration.from(fallback);
  }
}

export function faultText(fault: Fault, name: string, fallback: string): string {
  const value = fault[name];
  return typeof value === 'string' && value !== '' ? value : fallback;
}

/** An integer parameter of a fault; fen where it is an amount. */
export function faultInteger(fault: Fault, name: string, fallback: number): number {
  const value = fault[name];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : fallback;
}

/** Reads a fault that was kept with a payment. */
export function parseFault(json: string | undefined): Fault | undefined {
  if (json === undefined) return undefined;
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined;
  return typeof value.kind === 'string' ? { ...value, kind: value.kind } : undefined;
}
