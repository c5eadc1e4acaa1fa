import type { Requester } from '../types.ts';

interface Made {
  readonly createdByKind: 'integrator' | 'operator';
  readonly createdBy: string;
}

/** Operators see all parties; an integrator those of its own and those that the operator made. */
export function isVisible(row: Made, by: Requester | undefined): boolean {
  if (by === undefined || by.kind === 'operator') return true;
  return row.createdByKind === 'operator' || row.createdBy === by.id;
}

/** An integrator takes back only what it made itself. */
export function mayDisable(row: Made, by: Requester): boolean {
  return by.kind === 'operator' || row.createdBy === by.id;
}
