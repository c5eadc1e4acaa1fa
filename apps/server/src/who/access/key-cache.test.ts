import { describe, expect, it, vi } from 'vitest';
import { createKeyCache, keyLifetimeMs } from './key-cache.ts';

describe('what is known of API keys', () => {
  it('remembers that a key does not exist, for as long', async () => {
    let now = 0;
    const read = vi.fn(async () => undefined);
    const cache = createKeyCache(read, () => now);
    await cache.get('a');
    now += keyLifetimeMs - 1;
    await cache.get('a');
    expect(read).toHaveBeenCalledTimes(1);
    now += 1;
    await cache.get('a');
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('counts its age from the question, not from a late answer', async () => {
    let now = 0;
    const read = vi.fn(async () => {
      now += keyLifetimeMs;
      return undefined;
    });
    const cache = createKeyCache(read, () => now);
    await cache.get('a');
    await cache.get('a');
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('has a key at once from its reading until it is too old', async () => {
    let now = 0;
    const key = { id: 'a' } as Awaited<ReturnType<Parameters<typeof createKeyCache>[0]>>;
    const cache = createKeyCache(
      async () => key,
      () => now,
    );
    expect(cache.now('a')).toBeUndefined();
    await cache.get('a');
    now += keyLifetimeMs - 1;
    expect(cache.now('a')).toBe(key);
    now += 1;
    expect(cache.now('a')).toBeUndefined();
    await cache.get('a');
    cache.forget('a');
    expect(cache.now('a')).toBeUndefined();
  });

  it('does not remember a failure', async () => {
    const read = vi.fn(async () => undefined).mockRejectedValueOnce(new Error('no database'));
    const cache = createKeyCache(read, () => 0);
    await expect(cache.get('a')).rejects.toThrow('no database');
    await expect(cache.get('a')).resolves.toBeUndefined();
  });

  it('holds ten thousand keys at most, and forgets the oldest', async () => {
    const read = vi.fn(async () => undefined);
    const cache = createKeyCache(read, () => 0);
    for (let at = 0; at <= 10_000; at++) await cache.get(String(at));
    read.mockClear();
    await cache.get('1');
    expect(read).not.toHaveBeenCalled();
    await cache.get('0');
    expect(read).toHaveBeenCalledTimes(1);
  });
});
