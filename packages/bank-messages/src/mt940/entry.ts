import type { Place } from '../errors.ts';
import { quote } from '../errors.ts';
import type { Problems } from '../problems.ts';
import type {
  Agent,
  Party,
  PartyAccount,
  StatementEntry,
  TransactionDetail,
} from '../statement.ts';
import type { MtField } from './message.ts';
import { type Narrative, readNarrative, readNonSwift } from './narrative.ts';
import { mtAmount, mtEntryDate, mtValueDate } from './values.ts';

/** Field 61 with what follows it: fields 86 and NS. */
export interface MtEntryFields {
  readonly line61: MtField;
  readonly texts: readonly MtField[];
}

/**
 * Field 61 (SWIFT User Handbook, MT940): 6!n[4!n]2a[1!a]15d1!a3!c16x[//16x][34x]. Marks: C, D, RC
 * (reversal of a credit: a debit), RD (reversal of a debit: a credit); EC and ED are expected ones.
 */
const pattern = /^(\d{6})(\d{4})?(RC|RD|EC|ED|C|D)([A-Z])?(\d[\d,.]*)\s*([NFS][A-Z0-9 ]{3})(.*)$/;

interface Reference {
  readonly owner: string | undefined;
  readonly bank: string | undefined;
  readonly supplementary: string | undefined;
}

/** The words for "none" and "see field 86" in the place of a reference. */
function given(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  const empty = /^(?:|NONREF|NOTPROVIDED|EREF|MARF|PREF|KREF)$/;
  return trimmed === undefined || empty.test(trimmed) ? undefined : trimmed;
}

/**
 * The references behind the type code: owner's, `//`, bank's; the rest of a long line is detail.
 */
function references(rest: string, more: readonly string[]): Reference {
  const cut = rest.indexOf('//');
  const ownerText = cut === -1 ? rest : rest.slice(0, cut);
  const bankText = cut === -1 ? undefined : rest.slice(cut + 2);
  // 16 characters; some banks fill them up with blanks and go on in the same line.
  const padded = ownerText.length > 16 && /\s/.test(ownerText.slice(15, 17));
  const owner = padded ? ownerText.slice(0, 16) : ownerText;
  const tail = padded ? ownerText.slice(16) : '';
  const supplementary = [tail, ...more].map((line) => line.trim()).filter((line) => line !== '');
  return {
    owner: given(owner),
    bank: given(bankText),
    supplementary: supplementary.length === 0 ? undefined : supplementary.join('\n'),
  };
}

/** The parts of field 61; a line break inside its first part is healed. */
function match61(
  field: MtField,
): { readonly parts: RegExpExecArray; readonly more: string[] } | undefined {
  const [first = '', second = '', ...others] = field.lines;
  const direct = pattern.exec(first);
  if (direct) return { parts: direct, more: second === '' ? others : [second, ...others] };
  const joined = pattern.exec(first + second);
  return joined ? { parts: joined, more: others } : undefined;
}

function narrativeOf(texts: readonly MtField[]): Narrative {
  const lines86 = texts.filter((field) => field.tag === '86').flatMap((field) => field.lines);
  if (lines86.length > 0) return readNarrative(lines86);
  return readNonSwift(texts.filter((field) => field.tag === 'NS').flatMap((field) => field.lines));
}

function party(name: string | undefined): Party | undefined {
  return name === undefined ? undefined : { name, bic: undefined, ids: [], addressLines: [] };
}

function partyAccount(id: string | undefined): PartyAccount | undefined {
  if (id === undefined) return undefined;
  const plain = id.replace(/\s+/g, '');
  const iban = /^[A-Z]{2}\d{2}[A-Z0-9]{8,30}$/.test(plain) ? plain : undefined;
  return { id: iban ?? id, iban, currency: undefined, name: undefined };
}

function agent(code: string | undefined): Agent | undefined {
  if (code === undefined) return undefined;
  const bic = /^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/.test(code) ? code : undefined;
  const clearingMember = bic === undefined ? code : undefined;
  return { bic, clearingMember, clearingSystem: undefined, name: undefined };
}

/** The other party is the debtor of a credit and the creditor of a debit. */
function sides(told: Narrative, otherIsDebtor: boolean) {
  const other = party(told.name);
  const account = partyAccount(told.account);
  const bank = agent(told.bank);
  const ultimate = party(told.ultimateName);
  const none = undefined;
  return {
    debtor: otherIsDebtor ? other : none,
    debtorAccount: otherIsDebtor ? account : none,
    debtorAgent: otherIsDebtor ? bank : none,
    ultimateDebtor: otherIsDebtor ? ultimate : none,
    creditor: otherIsDebtor ? none : other,
    creditorAccount: otherIsDebtor ? none : account,
    creditorAgent: otherIsDebtor ? none : bank,
    ultimateCreditor: otherIsDebtor ? none : ultimate,
  };
}

function facts(told: Narrative, owner: string | undefined, otherIsDebtor: boolean) {
  return {
    messageId: undefined,
    paymentInformationId: undefined,
    instructionId: told.customerReference ?? owner,
    endToEndId: told.endToEndId,
    transactionId: undefined,
    uetr: undefined,
    mandateId: told.mandateId,
    chequeNumber: undefined,
    clearingReference: undefined,
    otherReferences: [],
    creditorId: told.creditorId,
    ...sides(told, otherIsDebtor),
    virtualAccount: undefined,
    purpose: told.purpose,
    remittance: told.remittance,
    structuredRemittance: [],
    returnReason:
      told.returnCode === undefined
        ? undefined
        : { code: told.returnCode, proprietary: undefined, info: [] },
  };
}

function infoOf(told: Narrative, reference: Reference, texts: readonly MtField[]) {
  const raw = texts.flatMap((field) => field.lines).map((line) => line.trim());
  const parts = [reference.supplementary, told.postingText, ...(told.postingText ? [] : raw)];
  const text = parts.filter((part) => part !== undefined && part !== '').join('\n');
  return text === '' ? undefined : text;
}

/** Reads one entry. A field 61 that does not have its form refuses the file. */
export function readMtEntry(
  fields: MtEntryFields,
  currency: string,
  problems: Problems,
): StatementEntry | undefined {
  const field = fields.line61;
  const place: Place = { path: ':61:', line: field.line };
  const matched = match61(field);
  if (matched === undefined) {
    const why = 'it is not date, mark, amount and transaction type as field 61 demands';
    problems.refuse('value_unusable', place, { value: quote(field.lines[0] ?? ''), why });
    return undefined;
  }
  const [, value = '', entered, mark = '', , amountText = '', type = '', rest = ''] = matched.parts;
  const valueDate = mtValueDate(value, place, problems);
  if (valueDate === undefined) return undefined;
  const amount = mtAmount(amountText, currency, place, problems);
  const direction = /^(?:C|EC|RD)$/.test(mark) ? 'credit' : 'debit';
  const reversal = mark.startsWith('R');
  const reference = references(rest, matched.more);
  const told = narrativeOf(fields.texts);
  const expected = mark.startsWith('E');
  const shared = {
    ...facts(told, reference.owner, (direction === 'credit') !== reversal),
    amount: direction === 'credit' ? amount : -amount,
    currency,
    bankReference: reference.bank,
    charges: [],
    additionalInfo: infoOf(told, reference, fields.texts),
  };
  const code = { domain: undefined, family: undefined, subFamily: undefined };
  const swift = { ...code, proprietary: type.trim(), proprietaryIssuer: 'SWIFT' };
  const business =
    told.businessCode === undefined
      ? swift
      : { ...code, proprietary: told.businessCode, proprietaryIssuer: 'DK' };
  const path = `:61: in line ${field.line}`;
  const detail: TransactionDetail = {
    ...shared,
    path,
    amountOf: 'payment',
    instructed: undefined,
    bankTransactionCode: business,
  };
  return {
    ...shared,
    path,
    line: field.line,
    direction,
    status: expected ? 'pending' : 'booked',
    statusCode: mark,
    reversal,
    bookingDate:
      entered === undefined ? undefined : mtEntryDate(entered, valueDate, place, problems),
    valueDate,
    entryReference: reference.owner,
    bankTransactionCode: swift,
    batch: undefined,
    details: [detail],
  };
}
