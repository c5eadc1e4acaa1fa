import { defineErrors, refuser } from '@keyturn/kernel';

export const custodyErrors = defineErrors({
  custody_account_unknown: {
    status: 404,
    retryable: false,
    title: 'No such custody account',
    en: 'There is no custody account {account}. See GET /v1/custody-accounts for those there are.',
    zh: '不存在资金账户 {account}。可用账户见 GET /v1/custody-accounts。',
  },
  custody_account_conflict: {
    status: 409,
    retryable: false,
    title: 'Custody account exists with another content',
    en: 'The custody account {account} exists and differs. An account never changes; open another one.',
    zh: '资金账户 {account} 已存在且内容不同。账户信息不可更改，请另行开户。',
  },
  entry_currency_mismatch: {
    status: 422,
    retryable: false,
    title: 'Entry in another currency',
    en: 'The entry {bank_reference} is in {currency}, the account {account} is not. Check the statement with the bank.',
    zh: '流水 {bank_reference} 的币种为 {currency}，与账户 {account} 不符，请与银行核对。',
  },
  receipt_unknown: {
    status: 404,
    retryable: false,
    title: 'No such receipt',
    en: 'There is no receipt {receipt}. See GET /v1/receipts for those there are.',
    zh: '不存在到账记录 {receipt}。可查询 GET /v1/receipts。',
  },
  receipt_not_assignable: {
    status: 409,
    retryable: false,
    title: 'Receipt not to be assigned',
    en: 'The receipt {receipt} is {state}; only a booked one can be assigned, once. See who has it at GET /v1/receipts/{receipt}.',
    zh: '到账记录 {receipt} 的状态为 {state}，仅已入账且未认领的记录可以认领一次。',
  },
  virtual_account_unknown: {
    status: 404,
    retryable: false,
    title: 'No such virtual account',
    en: 'There is no virtual account {virtual_account}. Ask for one first.',
    zh: '不存在虚拟账户 {virtual_account}，请先申请开立。',
  },
  virtual_account_not_open: {
    status: 409,
    retryable: true,
    title: 'Virtual account not open',
    en: 'The virtual account {virtual_account} is {state}; only an open one can be closed.',
    zh: '虚拟账户 {virtual_account} 的状态为 {state}，仅已开立的账户可以销户。',
  },
});

export const refuse = refuser(custodyErrors);
