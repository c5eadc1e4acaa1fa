import { type Currency, formatDecimal, isCurrency, parseDecimal, scaleOf } from '@keyturn/kernel';

/**
 * Currencies of ISO 4217 (tables A.1 and A.3) beyond those that the kernel trades in: a bank may
 * send a statement of any account, an old one included, and it is read whether or not Keyturn pays
 * in it. Codes without a minor unit (metals, funds, tests) are no account currencies and are left
 * out.
 */
const otherCurrencies = {
  0: 'BIF DJF GNF KMF PYG RWF UGX VUV XAF XOF XPF ADP BEF BYR ESP GRD ITL LUF MGF PTE ROL TPE TRL',
  2:
    'AED AFN ALL AMD AOA ARS AWG AZN BAM BBD BDT BGN BMD BND BOB BSD BTN BWP BYN BZD CDF COP CRC ' +
    'CUP CVE DOP DZD EGP ERN ETB FJD FKP GEL GHS GIP GMD GTQ GYD HNL HRK HTG IDR ILS IRR JMD KES ' +
    'KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MRU MUR MVR MWK MZN NAD NGN ' +
    'NIO NPR PAB PEN PGK PKR QAR RSD RUB SBD SCR SDG SHP SLE SLL SOS SRD SSP STN SVC SYP SZL TJS ' +
    'TMT TOP TTD TZS UYU UZS VED VES WST XCD XCG YER ZMW ZWG ZWL ANG CUC CHE CHW BOV COU MXV USN ' +
    'ATS AZM BGL CSK CYP DEM EEK FIM FRF GHC HRD IEP LTL LVL MRO MTL MZM NLG PLZ RUR SDD SIT SKK ' +
    'SRG STD TMM UAK VEB VEF YUM CSD ZMK ZRN ZWD ZWR',
  3: 'IQD LYD',
} as const;

/**
 * For each number of minor digits a currency of the kernel that has it, to reach its arithmetic.
 */
const standIn = new Map<string, Currency>();
for (const [scale, codes] of Object.entries(otherCurrencies)) {
  const same: Currency = scale === '0' ? 'JPY' : scale === '2' ? 'CNY' : 'KWD';
  for (const code of codes.split(' ')) standIn.set(code, same);
}

function arithmeticOf(code: string): Currency | undefined {
  return isCurrency(code) ? code : standIn.get(code);
}

/** Whether `code` is a currency in which an account can be kept (ISO 4217, past ones included). */
export function isStatementCurrency(code: string): boolean {
  return arithmeticOf(code) !== undefined;
}

/** The number of minor digits: 2 for CNY, 0 for JPY. Undefined for what is no currency. */
export function minorDigitsOf(code: string): number | undefined {
  const currency = arithmeticOf(code);
  return currency === undefined ? undefined : scaleOf(currency);
}

/**
 * Reads a decimal with a point into minor units of `code`. Undefined when it is not a plain
 * decimal, has more non-zero digits than the currency knows, is out of range, or the currency is
 * unknown.
 */
export function parseStatementAmount(text: string, code: string): bigint | undefined {
  const currency = arithmeticOf(code);
  if (currency === undefined) return undefined;
  return parseDecimal(text.startsWith('.') ? `0${text}` : text, currency);
}

/** Writes minor units with their currency: `1234.50 EUR`. */
export function formatStatementAmount(amount: bigint, code: string): string {
  const currency = arithmeticOf(code);
  return currency === undefined
    ? `${amount} ${code}`
    : `${formatDecimal(amount, currency)} ${code}`;
}
