import { describe, expect, it } from 'vitest';
import type { AccessRule, Principal } from '../principal.ts';
import { mayCall } from './may-call.ts';

const operator = (...roles: string[]): Principal => ({
  kind: 'operator',
  id: 'o',
  name: 'O',
  roles,
});
const integrator = (...roles: string[]): Principal => ({
  kind: 'integrator',
  id: 'i',
  name: 'I',
  roles,
});

describe('who may call', () => {
  it.each<[readonly AccessRule[], string, Principal, string]>([
    [['operator'], 'GET', operator('viewer'), 'ok'],
    [['operator'], 'POST', operator('viewer'), 'read_only'],
    [['operator'], 'POST', operator(), 'read_only'],
    [['operator'], 'POST', operator('viewer', 'finance'), 'ok'],
    [['operator'], 'POST', integrator('writer'), 'access_denied'],
    [['operator:approver'], 'POST', operator('admin', 'finance'), 'access_denied'],
    [['operator:approver'], 'POST', operator('approver'), 'ok'],
    [['operator:admin', 'operator:finance'], 'GET', operator('finance'), 'ok'],
    [['integrator'], 'GET', operator('admin'), 'access_denied'],
    [['integrator'], 'GET', integrator('reader'), 'ok'],
    [['integrator'], 'POST', integrator('reader'), 'read_only'],
    [['integrator', 'operator'], 'POST', integrator('writer'), 'ok'],
    [['integrator'], 'GET', integrator('ledger'), 'ok'],
    [['integrator'], 'POST', integrator('ledger'), 'read_only'],
    [['integrator'], 'POST', integrator('reader', 'ledger'), 'read_only'],
    [['integrator:ledger'], 'POST', integrator('ledger'), 'ok'],
    [['integrator:ledger'], 'POST', integrator('reader', 'ledger'), 'ok'],
    [['integrator:ledger'], 'POST', integrator('writer'), 'access_denied'],
    [['integrator:ledger'], 'POST', operator('admin'), 'access_denied'],
    // A role's name alone does not make an integrator an operator.
    [['operator:admin'], 'GET', integrator('admin'), 'access_denied'],
    [['operator', 'operator:viewer'], 'DELETE', operator('viewer'), 'ok'],
    [['operator', 'operator:viewer'], 'DELETE', integrator('writer'), 'access_denied'],
    [['integrator', 'operator:viewer'], 'POST', integrator('reader'), 'read_only'],
  ])('by the rules %j with %s: %j is told %s', (rules, method, principal, expected) => {
    const result = mayCall(rules, principal, method);
    expect(result.ok ? 'ok' : result.error.code).toBe(expected);
  });
});
