import type { Language } from '@keyturn/kernel';
import type { Place } from './errors.ts';

/**
 * What a bank got wrong in a file that can be read all the same. Findings are reported with figures
 * and never stop the import; a person decides what they mean.
 */
const sentences = {
  balance_mismatch: {
    en:
      'opening {opening} plus booked entries {booked} makes {expected}, ' +
      'but the closing balance says {closing}: {difference} apart',
    zh: '期初 {opening} 加已入账发生额 {booked} 等于 {expected}，但期末余额为 {closing}，相差 {difference}',
  },
  opening_missing: {
    en: 'the opening balance is missing, so the closing balance proves nothing',
    zh: '缺少期初余额，无法验证期末余额',
  },
  closing_missing: {
    en: 'the closing balance is missing; the statement may be cut off',
    zh: '缺少期末余额，对账单可能被截断',
  },
  currency_mixed: {
    en: '{what} is in {found}, the statement in {expected}; it is left out of the sums',
    zh: '{what} 的币种为 {found}，而对账单币种为 {expected}，未计入合计',
  },
  count_mismatch: {
    en: '{what}: {declared} declared, {counted} counted',
    zh: '{what}：申报 {declared} 笔，实际 {counted} 笔',
  },
  sum_mismatch: {
    en: '{what}: {declared} declared, {counted} summed up',
    zh: '{what}：申报 {declared}，实际合计 {counted}',
  },
  batch_mismatch: {
    en: "the details sum up to {details}, the entry says {entry}, and charges don't explain it",
    zh: '明细合计 {details}，分录金额 {entry}，手续费无法解释差异',
  },
  page_gap: {
    en: 'the page opens with {opening}, the page before it closed with {closing}',
    zh: '本页期初 {opening}，上一页期末 {closing}',
  },
  chain_gap: {
    en:
      'the statement opens with {opening} on {date}, ' +
      'the one before it closed that day with {closing}',
    zh: '本对账单 {date} 期初 {opening}，上一份当日期末 {closing}',
  },
  date_adjusted: {
    en: 'the date {value} does not exist; taken as {taken}',
    zh: '日期 {value} 不存在，按 {taken} 处理',
  },
  status_missing: {
    en: 'the entry has no status; a statement holds booked entries, so it is taken as booked',
    zh: '分录没有状态；对账单只含已入账分录，按已入账处理',
  },
  status_unknown: {
    en: 'the entry status {value} is not known; the entry is left out of the sums',
    zh: '分录状态 {value} 无法识别，未计入合计',
  },
  element_missing: { en: '{what} is missing', zh: '缺少 {what}' },
  namespace_contradicts: {
    en: 'the namespace says {namespace}, the message is {message}',
    zh: '命名空间为 {namespace}，报文为 {message}',
  },
  entry_outside: {
    en: 'an entry stands after the end of its message; taken as part of the message before it',
    zh: '有分录位于报文结束之后，按前一报文处理',
  },
  value_ignored: {
    en: '{what} {value} is not usable and is left out',
    zh: '{what} {value} 不可用，已忽略',
  },
} as const;

export type FindingCode = keyof typeof sentences;

export interface Finding {
  readonly code: FindingCode;
  /** Element path or MT field; undefined when it concerns the whole statement. */
  readonly path: string | undefined;
  readonly line: number | undefined;
  /** The figures in the sentence, as decimals with their currency. */
  readonly values: Readonly<Record<string, string>>;
  /** The English sentence. */
  readonly sentence: string;
}

/** The sentence of a finding in a language. */
export function findingSentence(
  finding: Pick<Finding, 'code' | 'values'>,
  language: Language,
): string {
  const template = language === 'zh-CN' ? sentences[finding.code].zh : sentences[finding.code].en;
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => finding.values[name] ?? whole);
}

export function finding(
  code: FindingCode,
  place: Place,
  values: Readonly<Record<string, string>> = {},
): Finding {
  return {
    code,
    path: place.path,
    line: place.line,
    values,
    sentence: findingSentence({ code, values }, 'en'),
  };
}
