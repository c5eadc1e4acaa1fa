import { hash, verify } from '@node-rs/argon2';
import { describe, expect, it, vi } from 'vitest';
import { createPasswords } from './passwords.ts';

const password = 'correct horse battery';

describe('a password', () => {
  it('is kept as argon2id, salted, and known again', async () => {
    const passwords = createPasswords();
    const kept = await passwords.hash(password);
    expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.hash(password)).not.toBe(kept);
    expect(await passwords.verify(kept, password)).toBe(true);
    expect(await passwords.verify(kept, `${password}!`)).toBe(false);
  });

  it('of nobody costs the work of a real one, and is never right', async () => {
    const argon2 = { hash, verify: vi.fn(verify) };
    const passwords = createPasswords(argon2);
    expect(await passwords.verify(undefined, password)).toBe(false);
    expect(argon2.verify).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/),
      password,
    );
  });

  it('of nobody is not right even when it is the decoy', async () => {
    const argon2 = { hash, verify: async () => true };
    expect(await createPasswords(argon2).verify(undefined, password)).toBe(false);
  });
});

describe('a flood of passwords', () => {
  it('is worked on two at a time, sixty waiting, the others told to come back', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    let running = 0;
    let most = 0;
    const argon2 = {
      hash: async () => 'hash',
      verify: async () => {
        running += 1;
        most = Math.max(most, running);
        await gate;
        running -= 1;
        return true;
      },
    };
    const passwords = createPasswords(argon2);
    const tries = Array.from({ length: 65 }, () => passwords.verify('kept', password));
    const settled = Promise.allSettled(tries);
    release();
    const outcomes = await settled;
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(62);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.map((outcome) => outcome.reason)).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ reason: 'busy' })),
    );
    expect(most).toBe(2);
    expect(await passwords.verify('kept', password)).toBe(true);
  });

  it('goes on after one that failed', async () => {
    const argon2 = {
      hash: async () => 'hash',
      verify: vi.fn(async () => true).mockRejectedValueOnce(new Error('out of memory')),
    };
    const passwords = createPasswords(argon2);
    await expect(passwords.verify('kept', password)).rejects.toThrow('out of memory');
    const more = Array.from({ length: 5 }, () => passwords.verify('kept', password));
    expect(await Promise.all(more)).toEqual([true, true, true, true, true]);
  });
});
