import { isStatementCurrency } from '../currency.ts';
import { type Place, quote } from '../errors.ts';
import type { Problems } from '../problems.ts';
import type {
  Balance,
  DeclaredTotal,
  Statement,
  StatementAccount,
  StatementEntry,
  StatementFormat,
  StatementSequence,
} from '../statement.ts';
import { type MtEntryFields, readMtEntry } from './entry.ts';
import { type MtField, type MtMessage, senderBic } from './message.ts';
import { mtAmount, mtCurrency, mtDate } from './values.ts';

const balanceTypes: Readonly<Record<string, readonly [string, string | undefined]>> = {
  '60F': ['OPBD', undefined],
  '60M': ['OPBD', 'INTM'],
  '62F': ['CLBD', undefined],
  '62M': ['CLBD', 'INTM'],
  '64': ['CLAV', undefined],
  '65': ['FWAV', undefined],
};

function placeOf(field: MtField): Place {
  return { path: `:${field.tag}:`, line: field.line };
}

/** `C110522EUR3236,28`: mark, date, currency, amount. */
function readBalance(field: MtField, problems: Problems): Balance | undefined {
  const [type, subType] = balanceTypes[field.tag] ?? ['', undefined];
  const place = placeOf(field);
  const text = field.lines.join('').trim();
  const match = /^(C|D)(\d{6})([A-Z]{3})\s*(\S+)$/.exec(text);
  if (!match) {
    const why = 'it is not mark, date, currency and amount';
    problems.refuse('value_unusable', place, { value: quote(text), why });
    return undefined;
  }
  const [, mark, day = '', code = '', figures = ''] = match;
  const currency = mtCurrency(code, place, problems);
  const date = mtDate(day, place, problems);
  const amount = mtAmount(figures, currency, place, problems);
  if (date === undefined) return undefined;
  const path = `:${field.tag}: in line ${field.line}`;
  const signed = mark === 'D' ? -amount : amount;
  return { type, subType, amount: signed, currency, date, path, line: field.line };
}

function emptyAgent(bic: string | undefined, clearingMember: string | undefined) {
  if (bic === undefined && clearingMember === undefined) return undefined;
  return { bic, clearingMember, clearingSystem: undefined, name: undefined };
}

/** Field 25: an IBAN or a number, often behind the bank's code, sometimes with the currency. */
function readAccount(message: MtMessage, problems: Problems): StatementAccount | undefined {
  const field = message.fields.find(({ tag }) => tag === '25' || tag === '25P');
  const first = (field?.lines[0] ?? '').trim();
  const place: Place = field ? placeOf(field) : { path: ':25:', line: message.line };
  if (first === '') {
    problems.refuse('account_missing', place, {});
    return undefined;
  }
  const slash = first.indexOf('/');
  const bank = slash > 0 ? first.slice(0, slash).trim() : undefined;
  const number = (slash > 0 ? first.slice(slash + 1) : first).trim();
  const tail = /^(.*\d)\s*([A-Z]{3})$/.exec(number);
  const bare = tail !== null && isStatementCurrency(tail[2] ?? '') ? (tail[1] ?? number) : number;
  const plain = bare.replace(/\s+/g, '');
  const iban = /^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(plain) ? plain : undefined;
  const second = field?.tag === '25P' ? field.lines[1]?.trim() : undefined;
  const isBic = bank !== undefined && /^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(bank);
  const bic = second || (isBic ? bank : undefined) || senderBic(message);
  return {
    id: iban ?? (bare === '' ? number : bare),
    iban,
    other: iban === undefined ? bare : undefined,
    name: undefined,
    ownerName: undefined,
    servicer: emptyAgent(bic, isBic ? undefined : bank),
  };
}

function readSequence(message: MtMessage): {
  sequence: StatementSequence;
  page: number | undefined;
} {
  const field = message.fields.find(({ tag }) => tag === '28C' || tag === '28');
  const match = /^\s*(\d{1,7})(?:\/(\d{1,5}))?/.exec(field?.lines[0] ?? '');
  const page = match?.[2];
  return {
    sequence: { electronic: match?.[1], legal: undefined },
    page: page === undefined ? undefined : Number(page),
  };
}

/** Groups each field 61 with the fields 86 and NS right behind it. */
function entryFields(fields: readonly MtField[]): {
  readonly entries: readonly MtEntryFields[];
  readonly texts: readonly MtField[];
} {
  const entries: { line61: MtField; texts: MtField[] }[] = [];
  const texts: MtField[] = [];
  let open = false;
  for (const field of fields) {
    if (field.tag === '61') {
      entries.push({ line61: field, texts: [] });
      open = true;
    } else if (field.tag === '86' || field.tag === 'NS') {
      if (open) entries.at(-1)?.texts.push(field);
      else texts.push(field);
    } else open = false;
  }
  return { entries, texts };
}

/** Fields 90D and 90C: `5EUR50,27`. */
function readTotal(field: MtField, currency: string, problems: Problems): DeclaredTotal {
  const place = placeOf(field);
  const match = /^(\d{1,5})([A-Z]{3})\s*(\S+)$/.exec(field.lines.join('').trim());
  if (!match) {
    const value = quote(field.lines.join(''));
    problems.note('value_ignored', place, { what: 'the total', value });
  } else if (match[2] !== currency) {
    const values = { what: `field ${field.tag}`, found: match[2] ?? '', expected: currency };
    problems.note('currency_mixed', place, values);
  }
  const usable = match !== null && match[2] === currency;
  return {
    path: `:${field.tag}: in line ${field.line}`,
    line: field.line,
    of: field.tag === '90D' ? 'debits' : 'credits',
    code: undefined,
    count: usable ? BigInt(match[1] ?? '0') : undefined,
    sum: usable ? mtAmount(match[3] ?? '', currency, place, problems) : undefined,
    net: undefined,
  };
}

/**
 * `D000004C000002D25,24C28,71` in the closing field 86: counts and sums as Dutch banks give them.
 */
function readTrailer(
  texts: readonly MtField[],
  currency: string,
  problems: Problems,
): readonly DeclaredTotal[] {
  return texts.flatMap((field) => {
    const pattern = /^D(\d{6})C(\d{6})D(\d+,\d*)C(\d+,\d*)$/;
    const match = pattern.exec(field.lines.join('').trim());
    if (!match) return [];
    const path = `:86: in line ${field.line}`;
    const place = placeOf(field);
    const total = (of: 'debits' | 'credits', count: string, sum: string): DeclaredTotal => ({
      path,
      line: field.line,
      of,
      code: undefined,
      count: BigInt(count),
      sum: mtAmount(sum, currency, place, problems),
      net: undefined,
    });
    const [, debits = '0', credits = '0', debitSum = '', creditSum = ''] = match;
    return [total('debits', debits, debitSum), total('credits', credits, creditSum)];
  });
}

/** The currency: of the balances, or of fields 34F and 90 where there are none. */
function pickCurrency(
  message: MtMessage,
  balances: readonly Balance[],
  problems: Problems,
): string | undefined {
  const balance = balances[0];
  if (balance !== undefined) return balance.currency;
  for (const field of message.fields) {
    const text = (field.lines[0] ?? '').trim();
    const code =
      field.tag === '34F'
        ? /^([A-Z]{3})/.exec(text)?.[1]
        : field.tag === '90C' || field.tag === '90D'
          ? /^\d{1,5}([A-Z]{3})/.exec(text)?.[1]
          : undefined;
    if (code !== undefined) return mtCurrency(code, placeOf(field), problems);
  }
  const account = message.fields.find(({ tag }) => tag === '25' || tag === '25P');
  const suffix = /\d\s*([A-Z]{3})\s*$/.exec(account?.lines[0] ?? '')?.[1];
  return suffix !== undefined && isStatementCurrency(suffix) ? suffix : undefined;
}

function textOf(message: MtMessage, tag: string): string | undefined {
  const text = message.fields
    .find((field) => field.tag === tag)
    ?.lines.join('')
    .trim();
  return text === '' ? undefined : text;
}

/** Field 13D (or 13): `1403181230+0100`, date and time of an interim report. */
function createdAt(message: MtMessage): string | undefined {
  const text = textOf(message, '13D') ?? textOf(message, '13');
  const match = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})([+-]\d{2})?(\d{2})?/.exec(text ?? '');
  if (!match) return undefined;
  const [, year, month, day, hour, minute, zone, zoneMinutes] = match;
  const offset = zone === undefined ? '' : `${zone}:${zoneMinutes ?? '00'}`;
  return `20${year}-${month}-${day}T${hour}:${minute}:00${offset}`;
}

function refuseBroken(message: MtMessage, kind: StatementFormat, problems: Problems): void {
  if (message.unclosed) {
    const place = { path: 'block 4', line: message.fields.at(-1)?.line };
    problems.refuse('cut_off', place, { what: 'the message is not closed with "-}"' });
  }
  const closes = message.fields.some(({ tag }) => /^62[FM]$/.test(tag));
  if (kind !== 'mt942' && !closes && !message.ended) {
    const place = { path: ':62F:', line: message.fields.at(-1)?.line };
    problems.refuse('cut_off', place, { what: 'the file ends before the closing balance' });
  }
  if (!message.fields.some(({ tag }) => tag === '25' || tag === '25P')) {
    problems.refuse('account_missing', { path: ':25:', line: message.line }, {});
  }
  const counts = message.fields.some(({ tag }) => /^(?:60|61|62|64|90|34F)/.test(tag));
  if (!counts) {
    const what = `the ${kind.toUpperCase()} message has no balance, entry or total`;
    problems.refuse('nothing_inside', { path: ':20:', line: message.line }, { what });
  }
}

/** Reads one MT940, 941, 942 or 950 message as one statement. */
export function readMtStatement(
  message: MtMessage,
  format: StatementFormat,
  problems: Problems,
): Statement | undefined {
  refuseBroken(message, format, problems);
  const account = readAccount(message, problems);
  const balances = message.fields
    .filter(({ tag }) => tag in balanceTypes)
    .map((field) => readBalance(field, problems))
    .filter((balance) => balance !== undefined);
  const currency = pickCurrency(message, balances, problems);
  if (currency === undefined) {
    const place = { path: ':60F:', line: message.line };
    problems.refuse('element_missing', place, { what: 'the opening balance with its currency' });
  }
  if (account === undefined || currency === undefined) return undefined;
  const { entries: grouped, texts } = entryFields(message.fields);
  const entries = grouped
    .map((fields) => readMtEntry(fields, currency, problems))
    .filter((entry): entry is StatementEntry => entry !== undefined);
  for (const line of message.strayLines) problems.note('entry_outside', { path: ':61:', line });
  const totals = message.fields
    .filter(({ tag }) => tag === '90C' || tag === '90D')
    .map((field) => readTotal(field, currency, problems));
  const opening = balances.find(({ type }) => type === 'OPBD');
  const closing = balances.findLast(({ type }) => type === 'CLBD');
  const { sequence, page } = readSequence(message);
  const interim = opening?.subType === 'INTM' || closing?.subType === 'INTM';
  const info = texts.flatMap((field) => field.lines).map((line) => line.trim());
  const reference = textOf(message, '20');
  if (reference === undefined) {
    const place = { path: ':20:', line: message.line };
    problems.note('element_missing', place, { what: 'the reference of the message' });
  }
  return {
    format,
    version: format,
    path: `:20: in line ${message.line}`,
    line: message.line,
    messageId: reference,
    statementId: reference,
    createdAt: createdAt(message),
    sequence,
    page: interim ? { number: page ?? 1, last: closing?.subType !== 'INTM' } : undefined,
    copyDuplicate: undefined,
    account,
    currency,
    from: opening?.date,
    to: closing?.date,
    opening,
    closing,
    balances,
    entries,
    declared: [...totals, ...readTrailer(texts, currency, problems)],
    additionalInfo: info.filter((line) => line !== '').join('\n') || undefined,
    reversalsTurned: false,
    notes: problems.takeNotes(),
  };
}
