import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concealed } from './concealed.ts';
import { createSealer, SealError } from './sealer.ts';

const key = randomBytes(32);
const sealer = createSealer(key);

describe('a sealer', () => {
  it('opens whatever it sealed for the same context, and never shows it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
        const sealed = sealer.seal(text, context);
        expect(sealer.open(sealed, context)).toBe(text);
        expect(sealed).toMatch(/^s1\.[0-9a-f]{8}\.[\w-]+$/);
      }),
    );
  });

  it('seals the same text differently each time', () => {
    const sealed = new Set(Array.from({ length: 50 }, () => sealer.seal('张三', 'name:1')));
    expect(sealed.size).toBe(50);
  });

  it('refuses a sealed text that was moved to another context', () => {
    const sealed = sealer.seal('6222020000000000', 'bank-account:1');
    expect(() => sealer.open(sealed, 'bank-account:2')).toThrow(SealError);
  });

  it('refuses a sealed text of which any one bit was changed', () => {
    const sealed = sealer.seal('secret', 'c');
    const [version, id, body] = sealed.split('.');
    const bytes = Buffer.from(body ?? '', 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const text = `${version}.${id}.${changed.toString('base64url')}`;
      expect(() => sealer.open(text, 'c')).toThrow(SealError);
    }
  });

  it.each(['', 'plain', 's1.00', 's1.00000000.AAAA', 's2.00000000.AAAA', 's1.a.b.c'])(
    'refuses %j, which is not a sealed text of ours',
    (text) => expect(() => sealer.open(text, 'c')).toThrow(SealError),
  );

  it('refuses a text cut short', () => {
    const sealed = sealer.seal('', 'c');
    expect(() => sealer.open(sealed.slice(0, -4), 'c')).toThrow(SealError);
  });

  it('opens after a rotation what the former key sealed, and seals with the new one', () => {
    const before = sealer.seal('old', 'c');
    const next = createSealer(randomBytes(32), [key]);
    expect(next.open(before, 'c')).toBe('old');
    expect(() => sealer.open(next.seal('new', 'c'), 'c')).toThrow(SealError);
  });

  it('keeps its blind index over a rotation, so that equal texts are still found', () => {
    const next = createSealer(randomBytes(32), [key]);
    expect(next.blindIndex('n:1')).toBe(sealer.blindIndex('n:1'));
    expect(sealer.blindIndex('n:1')).not.toBe(sealer.blindIndex('n:2'));
    expect(createSealer(randomBytes(32)).blindIndex('n:1')).not.toBe(sealer.blindIndex('n:1'));
  });

  it('takes no key of another length', () => {
    expect(() => createSealer(randomBytes(16))).toThrow(/32 bytes/);
  });
});

describe('a concealed value', () => {
  it('is written as its stand-in', () => {
    const input = { username: 'lin', password: concealed('hunter2', 'stand-in') };
    expect(JSON.stringify(input)).toBe('{"username":"lin","password":"stand-in"}');
    expect(input.password.value).toBe('hunter2');
  });
});
