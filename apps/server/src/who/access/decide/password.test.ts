import { describe, expect, it } from 'vitest';
import { checkPassword } from './password.ts';

describe('a password', () => {
  it.each([
    'correct horse battery',
    'Tr0ubador&3-yellow',
    '7391846205738',
    '开门转动钥匙之前先敲三下门啊',
  ])('may be %j', (password) => expect(checkPassword(password, 'lin').ok).toBe(true));

  it.each([
    'short',
    'elevenchars',
    'aaaaaaaaaaaaaaaa',
    '111111111111',
    'password12345',
    'Passw0rd!!!!!',
    'keyturn-keyturn',
    'my name is lin.wei ok',
    'x'.repeat(201),
  ])('may not be %j', (password) => {
    expect(checkPassword(password, 'lin.wei')).toMatchObject({ error: { code: 'password_weak' } });
  });
});
