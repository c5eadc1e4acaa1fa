import type { Contract } from '../contract.ts';
import type { Operation } from '../types.ts';
import type { ProofRule } from './unknown-policy.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * How long an interface may keep silent about what it took in, by adapter; a contract may say
 * otherwise.
 */
const rules: Readonly<Record<Contract['adapter'], Partial<Record<Operation, ProofRule>>>> = {
  wechat_pay_v3: {
    // WeChat Pay, "native prepay" and "query": an order is visible at once; five minutes are our
    // margin.
    prepay: { notFoundProofAfterMs: 5 * minute, queriesApartMs: minute },
    // "Apply for a refund": accepted refunds show within minutes. But what is given up wrongly is
    // paid twice: the bills of the day and of the next have to come first.
    refund: { notFoundProofAfterMs: 3 * day, queriesApartMs: 60 * minute },
  },
  escrow_bank_v1: {
    // The same: by then the statements of the day and of the next have shown a debit, if there was
    // one, and it is paid.
    pay: { notFoundProofAfterMs: 3 * day, queriesApartMs: 60 * minute },
    open_virtual_account: { notFoundProofAfterMs: 15 * minute, queriesApartMs: 2 * minute },
  },
};

/** For what has no rule of its own: a whole day, and queries an hour apart. */
const cautious: ProofRule = { notFoundProofAfterMs: day, queriesApartMs: 60 * minute };

export function proofRuleOf(
  contract: Pick<Contract, 'adapter' | 'config'>,
  operation: Operation,
): ProofRule {
  const rule = rules[contract.adapter][operation] ?? cautious;
  const own = contract.config.proof?.[operation];
  return {
    notFoundProofAfterMs: own?.not_found_proof_after_ms ?? rule.notFoundProofAfterMs,
    queriesApartMs: own?.queries_apart_ms ?? rule.queriesApartMs,
  };
}
