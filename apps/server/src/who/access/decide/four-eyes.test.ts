import { describe, expect, it } from 'vitest';
import type { Principal } from '../principal.ts';
import { fourEyes } from './four-eyes.ts';

const maker = '018f0000-0000-7000-8000-000000000001';
const checker: Principal = {
  kind: 'operator',
  id: '018f0000-0000-7000-8000-000000000002',
  name: 'Wang',
  roles: ['approver'],
};

describe('four eyes', () => {
  it('let another operator with the role approver decide', () => {
    expect(fourEyes(maker, checker)).toEqual({ ok: true, value: undefined });
  });

  it('refuse the maker, approver or not', () => {
    expect(fourEyes(checker.id, checker)).toMatchObject({ error: { code: 'approver_is_maker' } });
  });

  it.each([[['finance']], [['admin', 'viewer']], [[]]])('refuse the roles %j', (roles) => {
    const result = fourEyes(maker, { ...checker, roles });
    expect(result).toMatchObject({ error: { code: 'approver_role_missing' } });
  });

  it('refuse an integrator, whatever the key may do', () => {
    const result = fourEyes(maker, { ...checker, kind: 'integrator' });
    expect(result).toMatchObject({ error: { code: 'approver_role_missing' } });
  });
});
