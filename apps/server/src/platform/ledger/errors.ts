import { defineErrors, refuser } from '@keyturn/kernel';

/** What the ledger's edge refuses; what the ledger itself refuses is in its own registry. */
export const ledgerEdgeErrors = defineErrors({
  book_of_platform: {
    status: 403,
    retryable: false,
    title: 'Book of the platform',
    en: 'The book {book} is kept by the platform, and only its own flows write into it. Open a book of your own.',
    zh: '账簿 {book} 由平台管理，仅平台自身流程可记账。请建立您自己的账簿。',
  },
  currency_of_other_book: {
    status: 422,
    retryable: false,
    title: 'Another currency than the book',
    en: 'Leg {leg} is in {currency}, but the book {book} is kept in {expected}. Use the currency of the book.',
    zh: '第 {leg} 条的币种为 {currency}，而账簿 {book} 的币种为 {expected}，请使用账簿币种。',
  },
  ledger_account_not_found: {
    status: 404,
    retryable: false,
    title: 'Ledger account not found',
    en: 'There is no ledger account {account_id}. Check the id; an account opens with its first transfer.',
    zh: '账户 {account_id} 不存在，请核对编号；账户在首笔转账时开立。',
  },
  journal_not_found: {
    status: 404,
    retryable: false,
    title: 'Journal not found',
    en: 'There is no journal {journal_id}. Check the id.',
    zh: '分录 {journal_id} 不存在，请核对编号。',
  },
  ledger_filter_missing: {
    status: 400,
    retryable: false,
    title: 'Filter missing',
    en: 'This list needs {filter}. Say which part of the ledger you want to see.',
    zh: '该列表须指定 {filter}，请说明要查看账本的哪一部分。',
  },
});

export const refuse = refuser(ledgerEdgeErrors);
