import { defineErrors, type Refusal, sentence } from '@keyturn/kernel';

/** The formats in which statements are read, as sentences name them. */
const readable = 'camt.052, camt.053, camt.054, MT940, MT941, MT942, MT950';

/**
 * Why a bank's file or a payment order cannot be used at all. What a bank merely got wrong in a
 * file that can be read is a finding (`findings.ts`), not an error.
 */
export const bankMessageErrors = defineErrors({
  file_empty: {
    status: 422,
    retryable: false,
    title: 'Empty file',
    en: '{file} is empty; ask for the file again.',
    zh: '文件 {file} 为空，请重新获取。',
  },
  file_too_large: {
    status: 413,
    retryable: false,
    title: 'File too large',
    en: '{file} has {size} bytes, more than the {limit} that are read; split it by day or account.',
    zh: '文件 {file} 有 {size} 字节，超过上限 {limit}，请按日期或账户拆分。',
  },
  encoding_unusable: {
    status: 422,
    retryable: false,
    title: 'Unreadable characters',
    en: '{file} cannot be read as text: {why}.',
    zh: '文件 {file} 无法按文本读取：{why}。',
  },
  xml_forbidden: {
    status: 422,
    retryable: false,
    title: 'Forbidden XML construct',
    en: '{file}, line {line}: {why}. Bank messages never need it; the file is not read further.',
    zh: '文件 {file} 第 {line} 行：{why}。银行报文不需要该结构，文件不再读取。',
  },
  xml_malformed: {
    status: 422,
    retryable: false,
    title: 'Broken XML',
    en: '{file}, line {line}: {why}. The file is broken or cut off; ask for it again.',
    zh: '文件 {file} 第 {line} 行：{why}。文件损坏或被截断，请重新获取。',
  },
  xml_too_big: {
    status: 422,
    retryable: false,
    title: 'XML too deep or too long',
    en: '{file}, line {line}: {why}.',
    zh: '文件 {file} 第 {line} 行：{why}。',
  },
  not_a_statement: {
    status: 422,
    retryable: false,
    title: 'Not an account statement',
    en: `{file} is {what}, not an account statement; statements are ${readable}.`,
    zh: `文件 {file} 是 {what}，不是账户对账单；支持 ${readable}。`,
  },
  not_a_status_report: {
    status: 422,
    retryable: false,
    title: 'Not a payment status report',
    en: '{file} is {what}, not a pain.002 payment status report.',
    zh: '文件 {file} 是 {what}，不是 pain.002 支付状态报告。',
  },
  format_unknown: {
    status: 422,
    retryable: false,
    title: 'Unknown format',
    en: `{file} is {what}; statements are ${readable}.`,
    zh: `文件 {file} 是 {what}；支持 ${readable}。`,
  },
  element_missing: {
    status: 422,
    retryable: false,
    title: 'Something required is missing',
    en: '{file}, {where}: {what} is missing.',
    zh: '文件 {file}，{where}：缺少 {what}。',
  },
  amount_unusable: {
    status: 422,
    retryable: false,
    title: 'Unusable amount',
    en: '{file}, {where}: the amount {value} is not usable: {why}.',
    zh: '文件 {file}，{where}：金额 {value} 不可用：{why}。',
  },
  currency_unknown: {
    status: 422,
    retryable: false,
    title: 'Unknown currency',
    en: '{file}, {where}: {value} is not an ISO 4217 currency.',
    zh: '文件 {file}，{where}：{value} 不是 ISO 4217 币种。',
  },
  date_unusable: {
    status: 422,
    retryable: false,
    title: 'Unusable date',
    en: '{file}, {where}: {value} is not a date.',
    zh: '文件 {file}，{where}：{value} 不是有效日期。',
  },
  value_unusable: {
    status: 422,
    retryable: false,
    title: 'Unusable value',
    en: '{file}, {where}: {value} is not usable: {why}.',
    zh: '文件 {file}，{where}：{value} 不可用：{why}。',
  },
  account_missing: {
    status: 422,
    retryable: false,
    title: 'No account',
    en: '{file}, {where}: the account is missing, so nobody can say whose money this is.',
    zh: '文件 {file}，{where}：缺少账号，无法确定资金归属。',
  },
  nothing_inside: {
    status: 422,
    retryable: false,
    title: 'Nothing inside',
    en: '{file}, {where}: {what}; there is nothing to import.',
    zh: '文件 {file}，{where}：{what}，没有可导入的内容。',
  },
  cut_off: {
    status: 422,
    retryable: false,
    title: 'File cut off',
    en: '{file}, {where}: {what}; the file is cut off, ask for it again.',
    zh: '文件 {file}，{where}：{what}；文件被截断，请重新获取。',
  },
  order_unusable: {
    status: 422,
    retryable: false,
    title: 'Payment order not writable',
    en: '{where} of the payment order is not usable: {why}.',
    zh: '付款指令的 {where} 不可用：{why}。',
  },
});

export type BankMessageErrorCode = keyof typeof bankMessageErrors;

/** Why a whole file is refused, and where in it the reason stands. */
export interface FileRefusal extends Refusal {
  readonly code: BankMessageErrorCode;
  /**
   * The element's path (`/Document/BkToCstmrStmt/Stmt[2]/Ntry[3]/Amt`) or the MT field (`:61:`).
   */
  readonly path: string | undefined;
  /** The line, counted from 1, where it is known. */
  readonly line: number | undefined;
  /** The English sentence: names the file, the place and the reason. */
  readonly reason: string;
}

/** Where something stands: a path in XML, a field with its line in an MT message. */
export interface Place {
  readonly path?: string | undefined;
  readonly line?: number | undefined;
}

/** Says a place in words: `line 12 (:61:)` or the path. */
export function placeText(place: Place): string {
  if (place.line === undefined) return place.path ?? 'the file';
  return place.path === undefined ? `line ${place.line}` : `line ${place.line} (${place.path})`;
}

/** Makes a refusal; `values` fill the sentence beside `file`, `where` and `line`. */
export function fileRefusal(
  code: BankMessageErrorCode,
  file: string,
  place: Place,
  values: Readonly<Record<string, string>>,
): FileRefusal {
  const line = place.line === undefined ? '?' : String(place.line);
  const all = { file, where: placeText(place), line, ...values };
  return {
    code,
    ...(place.path === undefined ? {} : { param: place.path }),
    values: all,
    path: place.path,
    line: place.line,
    reason: sentence(bankMessageErrors, { code, values: all }, 'en'),
  };
}

/** Shortens a value from a file for a sentence: control characters out, at most 60 characters. */
export function quote(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is where they are taken out
  const clean = value.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return `"${clean.length > 60 ? `${clean.slice(0, 60)}…` : clean}"`;
}
