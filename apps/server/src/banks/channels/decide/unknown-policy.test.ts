import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proofRuleOf } from './proof-rules.ts';
import { nextQueryAt, notFoundProves } from './unknown-policy.ts';

const now = Temporal.Instant.from('2026-11-20T02:00:00Z');
const rule = { notFoundProofAfterMs: 300_000, queriesApartMs: 60_000 };

test('an unknown is asked about at growing intervals, then each hour without end', () => {
  const waits = [0, 1, 2, 3, 4, 5, 6, 1_000].map((queries) =>
    now.until(nextQueryAt(now, queries)).total('seconds'),
  );
  expect(waits).toEqual([2, 5, 15, 60, 300, 900, 3_600, 3_600]);
});

test('a first "not found" proves nothing, however late it comes', () => {
  const submittedAt = now.subtract({ hours: 100 });
  expect(notFoundProves(rule, { submittedAt, firstNotFoundAt: undefined, now })).toBe(false);
});

test('two "not found" prove it, when both times are over', () => {
  const submittedAt = now.subtract({ milliseconds: 300_000 });
  const firstNotFoundAt = now.subtract({ milliseconds: 60_000 });
  expect(notFoundProves(rule, { submittedAt, firstNotFoundAt, now })).toBe(true);
});

test('nothing is proven before the stated time, nor by two queries in a row', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 600_000 }),
      fc.integer({ min: 0, max: 600_000 }),
      (sinceSubmission, apart) => {
        const proven = notFoundProves(rule, {
          submittedAt: now.subtract({ milliseconds: sinceSubmission }),
          firstNotFoundAt: now.subtract({ milliseconds: apart }),
          now,
        });
        expect(proven).toBe(sinceSubmission >= 300_000 && apart >= 60_000);
      },
    ),
  );
});

test("a contract's own times win over the adapter's, field by field", () => {
  const config = {
    base_url: 'https://bank.example',
    notify_url: 'https://us.example/v1/notifications/bank',
    client_id: 'KT01',
    client_name: 'Keyturn',
    bank_code: '999290000018',
    proof: { pay: { not_found_proof_after_ms: 1_000 } },
  };
  const contract = { adapter: 'escrow_bank_v1', config } as const;
  expect(proofRuleOf(contract, 'pay')).toEqual({
    notFoundProofAfterMs: 1_000,
    queriesApartMs: 3_600_000,
  });
  expect(proofRuleOf(contract, 'close_virtual_account').notFoundProofAfterMs).toBe(86_400_000);
});
