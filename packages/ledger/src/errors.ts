import { defineErrors, refuser } from '@keyturn/kernel';

/**
 * Why the ledger refuses a journal, in the order in which it looks: the first that applies is the
 * answer.
 */
export const ledgerErrors = defineErrors({
  journal_conflict: {
    status: 409,
    retryable: false,
    title: 'Journal id used for something else',
    en: 'The journal {journal_id} exists with another content. Use a new id for a new journal.',
    zh: '分录 {journal_id} 已存在且内容不同。新的分录请使用新的编号。',
  },
  journal_refused_before: {
    status: 409,
    retryable: false,
    title: 'Journal refused before',
    en: 'The journal {journal_id} was refused before ({reason}) and stays refused. Use a new id to try again.',
    zh: '分录 {journal_id} 此前已被拒绝（{reason}），结果不变。如需重试请使用新的编号。',
  },
  journal_empty: {
    status: 422,
    retryable: false,
    title: 'Journal without transfers',
    en: 'A journal has between 1 and 1000 transfers; this one has {count}.',
    zh: '一笔分录须包含 1 至 1000 条转账，当前为 {count} 条。',
  },
  amount_not_positive: {
    status: 422,
    retryable: false,
    title: 'Amount not positive',
    en: 'The amount of leg {leg} is {amount}; amounts are positive minor units below 2^63.',
    zh: '第 {leg} 条转账金额为 {amount}；金额须为小于 2^63 的正整数（最小货币单位）。',
  },
  accounts_equal: {
    status: 422,
    retryable: false,
    title: 'Same account on both sides',
    en: 'Leg {leg} debits and credits the same account. Name two different accounts.',
    zh: '第 {leg} 条转账的借方与贷方是同一账户，请指定两个不同的账户。',
  },
  book_mismatch: {
    status: 422,
    retryable: false,
    title: 'Account of another book',
    en: 'Leg {leg} touches an account outside of book {book}. Money changes books only by a real movement at a bank.',
    zh: '第 {leg} 条转账涉及账簿 {book} 以外的账户。资金只能通过真实的银行划转跨账簿。',
  },
  account_closed: {
    status: 409,
    retryable: false,
    title: 'Account closed',
    en: 'Account {account_id} is closed. Use another account.',
    zh: '账户 {account_id} 已销户，请使用其他账户。',
  },
  account_frozen: {
    status: 409,
    retryable: true,
    title: 'Account frozen',
    en: 'Account {account_id} is frozen ({direction}). Wait until the freeze is lifted.',
    zh: '账户 {account_id} 已冻结（{direction}），请等待解冻。',
  },
  hold_unknown: {
    status: 404,
    retryable: false,
    title: 'Hold unknown',
    en: 'There is no hold at leg {hold_leg} of journal {hold_journal}. Check the reference.',
    zh: '分录 {hold_journal} 的第 {hold_leg} 条不是冻结记录，请核对引用。',
  },
  hold_already_posted: {
    status: 409,
    retryable: false,
    title: 'Hold already posted',
    en: 'The hold at leg {hold_leg} of journal {hold_journal} was posted before.',
    zh: '分录 {hold_journal} 第 {hold_leg} 条的冻结已入账。',
  },
  hold_already_voided: {
    status: 409,
    retryable: false,
    title: 'Hold already voided',
    en: 'The hold at leg {hold_leg} of journal {hold_journal} was voided before.',
    zh: '分录 {hold_journal} 第 {hold_leg} 条的冻结已撤销。',
  },
  hold_expired: {
    status: 409,
    retryable: false,
    title: 'Hold expired',
    en: 'The hold at leg {hold_leg} of journal {hold_journal} expired at {expires_at}; it can only be voided.',
    zh: '分录 {hold_journal} 第 {hold_leg} 条的冻结已于 {expires_at} 到期，只能撤销。',
  },
  hold_amount_exceeded: {
    status: 422,
    retryable: false,
    title: 'More than the hold',
    en: 'Leg {leg} posts {amount} of a hold of {held}. Post at most what is held.',
    zh: '第 {leg} 条拟入账 {amount}，超过冻结金额 {held}。',
  },
  exceeds_credits: {
    status: 409,
    retryable: true,
    title: 'Not enough money on the account',
    en: 'Account {account_id} has {available} available, and leg {leg} takes {amount}.',
    zh: '账户 {account_id} 可用余额为 {available}，第 {leg} 条需要 {amount}。',
  },
  exceeds_debits: {
    status: 409,
    retryable: true,
    title: 'Credits would exceed debits',
    en: 'Account {account_id} has {available} left, and leg {leg} takes {amount}.',
    zh: '账户 {account_id} 剩余额度为 {available}，第 {leg} 条需要 {amount}。',
  },
  counter_overflow: {
    status: 422,
    retryable: false,
    title: 'Counter out of range',
    en: 'With leg {leg} a counter of account {account_id} would pass 2^63. Split the amount over other accounts.',
    zh: '第 {leg} 条会使账户 {account_id} 的累计数超过 2^63，请拆分到其他账户。',
  },
});

export const refuse = refuser(ledgerErrors);
