import { defineErrors, refuser } from '@keyturn/kernel';

export const payoutsErrors = defineErrors({
  payout_not_found: {
    status: 404,
    retryable: false,
    title: 'No such pay-out',
    en: 'There is no pay-out {payout_id} among yours. Check the id.',
    zh: '未找到出金 {payout_id}，请核对编号。',
  },
  payout_state_conflict: {
    status: 409,
    retryable: false,
    title: 'Pay-out is in another state',
    en: 'The pay-out {payout_id} is {state}, and cannot be {wanted}.',
    zh: '出金 {payout_id} 状态为 {state}，无法执行 {wanted}。',
  },
  payout_not_covered: {
    status: 409,
    retryable: true,
    title: 'Not enough money',
    en: 'The source has {available} minor units available, and {amount} were asked for. Pay out less, or wait until it holds enough.',
    zh: '来源账户可用余额为 {available}（最小货币单位），申请 {amount}。请减少金额或等待余额充足。',
  },
  payout_book_mismatch: {
    status: 422,
    retryable: false,
    title: 'Custody account of another book',
    en: 'The money lies in the book {book}, and the custody account {account_id} keeps another one or another currency. Name an account of that book.',
    zh: '资金属于账簿 {book}，资金账户 {account_id} 属于其他账簿或币种，请指定该账簿的账户。',
  },
  payout_payee_foreign: {
    status: 422,
    retryable: false,
    title: 'Bank account of somebody else',
    en: 'The bank account {bank_account_id} does not belong to the owner of the money. Pay to an account of theirs.',
    zh: '银行账户 {bank_account_id} 不属于资金所有者，请使用其本人账户。',
  },
  payout_reference_reserved: {
    status: 422,
    retryable: false,
    title: 'Reference of the platform’s own',
    en: 'Pay-outs for a {kind} are made by the platform itself. Name what the pay-out is for by another kind.',
    zh: '类型为 {kind} 的出金只能由平台创建，请使用其他关联类型。',
  },
  payout_filter_missing: {
    status: 400,
    retryable: false,
    title: 'Filter missing',
    en: 'Say which pay-outs: give state or reference_id.',
    zh: '请提供 state 或 reference_id 以指定要查询的出金。',
  },
});

export const refuse = refuser(payoutsErrors);
