import { maxAmount } from '@keyturn/kernel';
import { type FileRefusal, fileRefusal } from '../errors.ts';
import type {
  OrderAccount,
  OrderBank,
  OrderParty,
  PaymentOrder,
  Transfer,
  TransferGroup,
} from './order.ts';

/** XSD totalDigits of ActiveOrHistoricCurrencyAndAmount: 18 digits in all. */
const maxOrderAmount = 10n ** 18n - 1n < maxAmount ? 10n ** 18n - 1n : maxAmount;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML 1.0 does not allow
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

type Report = (where: string, why: string) => void;

/** Length is counted in characters as the schema counts, not in UTF-16 units. */
function text(value: string | undefined, max: number, where: string, report: Report): void {
  if (value === undefined) return;
  const length = [...value].length;
  if (length < 1 || length > max)
    report(where, `it has ${length} characters, 1 to ${max} are allowed`);
  else if (value.trim() !== value) report(where, 'it begins or ends with a blank');
  else if (illegal.test(value)) report(where, 'it holds a character that XML does not allow');
}

function pattern(
  value: string | undefined,
  shape: RegExp,
  what: string,
  where: string,
  report: Report,
): void {
  if (value !== undefined && !shape.test(value)) report(where, `it is not ${what}`);
}

function account(value: OrderAccount, where: string, report: Report): void {
  if ('iban' in value) {
    pattern(value.iban, /^[A-Z]{2}\d{2}[A-Za-z0-9]{1,30}$/, 'an IBAN', `${where}.iban`, report);
  } else text(value.number, 34, `${where}.number`, report);
}

function bank(value: OrderBank | undefined, where: string, report: Report): void {
  if (value === undefined) return;
  const bic = /^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/;
  pattern(value.bic, bic, 'a BIC', `${where}.bic`, report);
  text(value.clearingMember, 35, `${where}.clearingMember`, report);
  text(value.clearingSystem, 5, `${where}.clearingSystem`, report);
  text(value.name, 140, `${where}.name`, report);
  const cnaps = value.clearingMember !== undefined && (value.clearingSystem ?? 'CNAPS') === 'CNAPS';
  if (cnaps) {
    const where2 = `${where}.clearingMember`;
    pattern(value.clearingMember, /^\d{12}$/, 'a CNAPS code of 12 digits', where2, report);
  }
  if (value.bic === undefined && value.clearingMember === undefined && value.name === undefined) {
    report(where, 'it has neither a BIC nor a clearing member id nor a name');
  }
}

function party(value: OrderParty | undefined, where: string, report: Report): void {
  if (value === undefined) return;
  text(value.name, 140, `${where}.name`, report);
  text(value.id, 35, `${where}.id`, report);
  if (value.name === undefined && value.id === undefined) {
    report(where, 'it has neither a name nor an id');
  }
}

function transfer(value: Transfer, where: string, report: Report): void {
  text(value.endToEndId, 35, `${where}.endToEndId`, report);
  text(value.instructionId, 35, `${where}.instructionId`, report);
  if (value.amount <= 0n) report(`${where}.amount`, 'it is not positive');
  if (value.amount > maxOrderAmount) report(`${where}.amount`, 'it has more than 18 digits');
  text(value.creditorName, 140, `${where}.creditorName`, report);
  account(value.creditorAccount, `${where}.creditorAccount`, report);
  bank(value.creditorBank, `${where}.creditorBank`, report);
  party(value.ultimateDebtor, `${where}.ultimateDebtor`, report);
  party(value.ultimateCreditor, `${where}.ultimateCreditor`, report);
  text(value.remittance, 140, `${where}.remittance`, report);
  text(value.purpose, 4, `${where}.purpose`, report);
}

function group(value: TransferGroup, where: string, report: Report): void {
  text(value.id, 35, `${where}.id`, report);
  text(value.debtorName, 140, `${where}.debtorName`, report);
  account(value.debtorAccount, `${where}.debtorAccount`, report);
  bank(value.debtorBank, `${where}.debtorBank`, report);
  party(value.ultimateDebtor, `${where}.ultimateDebtor`, report);
  if (value.transfers.length === 0) report(`${where}.transfers`, 'there is none');
  for (const [index, one] of value.transfers.entries()) {
    const here = `${where}.transfers[${index}]`;
    transfer(one, here, report);
    if (value.ultimateDebtor !== undefined && one.ultimateDebtor !== undefined) {
      report(`${here}.ultimateDebtor`, 'the group has one already, which is for all its transfers');
    }
  }
}

function unique(values: readonly string[], where: string, report: Report): void {
  const seen = new Set<string>();
  for (const value of values) {
    if (seen.has(value)) report(where, `"${value}" occurs twice`);
    seen.add(value);
  }
}

/** The first thing in an order that pain.001.001.09 or common sense does not allow. */
export function checkOrder(order: PaymentOrder): FileRefusal | undefined {
  let first: FileRefusal | undefined;
  const report: Report = (where, why) => {
    first ??= fileRefusal('order_unusable', 'the order', { path: where }, { why });
  };
  text(order.messageId, 35, 'messageId', report);
  party(order.initiatingParty, 'initiatingParty', report);
  if (order.groups.length === 0) report('groups', 'there is none');
  for (const [index, one] of order.groups.entries()) group(one, `groups[${index}]`, report);
  unique(
    order.groups.map(({ id }) => id),
    'groups',
    report,
  );
  const ids = order.groups.flatMap(({ transfers }) => transfers.map((one) => one.endToEndId));
  unique(ids, 'endToEndId', report);
  return first;
}
