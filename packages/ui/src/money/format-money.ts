import type { Language } from '../language/languages.ts';

/** An amount in minor units of its currency: fen for CNY, yen for JPY. Never a float. */
export interface Money {
  readonly amount: bigint;
  readonly currency: string;
}

const symbols: Readonly<Record<string, string>> = { CNY: '¥', EUR: '€', GBP: '£', USD: 'US$' };

/**
 * Minor digits other than two, by ISO 4217:2015 table A.1; the browser's own list differs from it.
 */
const oddDigits: readonly (readonly [digits: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];
const minorDigitsOf = new Map(
  oddDigits.flatMap(([digits, codes]) => codes.split(' ').map((code) => [code, digits] as const)),
);

/** How many minor digits a currency has by ISO 4217: 2 for CNY, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  return minorDigitsOf.get(currency) ?? 2;
}

/** Digits in groups of three, exact at any size. */
function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The number alone: 8099997n CNY is `80,999.97`. A minus is U+2212, which lines up with digits. */
export function formatAmount({ amount, currency }: Money): string {
  const digits = minorDigits(currency);
  const sign = amount < 0n ? '−' : '';
  const text = (amount < 0n ? -amount : amount).toString().padStart(digits + 1, '0');
  const whole = grouped(digits === 0 ? text : text.slice(0, -digits));
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(-digits)}`;
}

/** As people read it: `¥80,999.97`, `−¥12.00`; a currency without a sign of its own by its code. */
export function formatMoney(money: Money): string {
  const number = formatAmount(money);
  const symbol = symbols[money.currency] ?? `${money.currency} `;
  return number.startsWith('−') ? `−${symbol}${number.slice(1)}` : `${symbol}${number}`;
}

/** As a screen reader says it: `80,999.97人民币`, `80,999.97 Chinese yuan`. */
export function spokenMoney(money: Money, language: Language): string {
  const names = new Intl.DisplayNames([language], { type: 'currency' });
  const name = names.of(money.currency) ?? money.currency;
  const number = formatAmount(money).replace('−', '-');
  return language === 'zh-CN' ? `${number}${name}` : `${number} ${name}`;
}

/**
 * A large amount in few signs, for pictures: `¥299.99万`, `¥3.0M`. Cut, never rounded up, so that it
 * does not claim more than there is. Small amounts are written in full.
 */
export function shortMoney(money: Money, language: Language): string {
  const units = language === 'zh-CN' ? shortChinese : shortEnglish;
  const scale = 10n ** BigInt(minorDigits(money.currency));
  const magnitude = money.amount < 0n ? -money.amount : money.amount;
  const unit = units.find(({ size }) => magnitude >= size * scale);
  if (unit === undefined) return formatMoney(money);
  const hundredths = (magnitude * 100n) / (unit.size * scale);
  const fraction = (hundredths % 100n).toString().padStart(2, '0').replace(/0+$/, '');
  const whole = grouped((hundredths / 100n).toString());
  const symbol = symbols[money.currency] ?? `${money.currency} `;
  const sign = money.amount < 0n ? '−' : '';
  return `${sign}${symbol}${whole}${fraction === '' ? '' : `.${fraction}`}${unit.name}`;
}

const shortChinese = [
  { size: 100_000_000n, name: '亿' },
  { size: 10_000n, name: '万' },
];
const shortEnglish = [
  { size: 1_000_000_000n, name: 'B' },
  { size: 1_000_000n, name: 'M' },
  { size: 10_000n, name: 'K' },
];

/**
 * The sum of amounts in one currency; undefined when there are none or they are of different ones.
 */
export function sumMoney(list: readonly Money[]): Money | undefined {
  const [first] = list;
  if (first === undefined || list.some(({ currency }) => currency !== first.currency)) {
    return undefined;
  }
  return { amount: list.reduce((sum, { amount }) => sum + amount, 0n), currency: first.currency };
}
