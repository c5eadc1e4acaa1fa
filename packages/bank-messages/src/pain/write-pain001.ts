import { bankZone, err, formatDecimal, ok, type Result, scaleOf } from '@keyturn/kernel';
import type { FileRefusal } from '../errors.ts';
import { group, node, optional, writeXml, type XmlNode } from '../xml/write.ts';
import { checkOrder } from './check-order.ts';
import type {
  OrderAccount,
  OrderBank,
  OrderParty,
  PaymentOrder,
  Transfer,
  TransferGroup,
} from './order.ts';

const namespace = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';

function partyContent(party: OrderParty): readonly (XmlNode | undefined)[] {
  const id = party.id === undefined ? undefined : node('Othr', [node('Id', party.id)]);
  const kind = party.kind === 'person' ? 'PrvtId' : 'OrgId';
  return [optional('Nm', party.name), id && node('Id', [node(kind, [id])])];
}

function accountNode(name: string, account: OrderAccount): XmlNode {
  const id =
    'iban' in account ? node('IBAN', account.iban) : node('Othr', [node('Id', account.number)]);
  return node(name, [node('Id', [id])]);
}

function bankNode(name: string, bank: OrderBank): XmlNode {
  const member =
    bank.clearingMember === undefined
      ? undefined
      : node('ClrSysMmbId', [
          node('ClrSysId', [node('Cd', bank.clearingSystem ?? 'CNAPS')]),
          node('MmbId', bank.clearingMember),
        ]);
  const inside = [optional('BICFI', bank.bic), member, optional('Nm', bank.name)];
  return node(name, [node('FinInstnId', inside)]);
}

/**
 * The control sum over transfers, as a decimal: amounts of different currencies are added by their
 * numbers alone, as ISO 20022 defines it.
 */
function controlSum(transfers: readonly Transfer[]): string {
  const places = Math.max(...transfers.map((transfer) => scaleOf(transfer.currency)));
  const total = transfers.reduce(
    (sum, transfer) => sum + transfer.amount * 10n ** BigInt(places - scaleOf(transfer.currency)),
    0n,
  );
  if (places === 0) return String(total);
  const digits = String(total).padStart(places + 1, '0');
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function transferNode(transfer: Transfer): XmlNode {
  const { ultimateDebtor, ultimateCreditor, creditorBank, currency } = transfer;
  return node('CdtTrfTxInf', [
    node('PmtId', [
      optional('InstrId', transfer.instructionId),
      node('EndToEndId', transfer.endToEndId),
    ]),
    node('Amt', [node('InstdAmt', formatDecimal(transfer.amount, currency), { Ccy: currency })]),
    ultimateDebtor && node('UltmtDbtr', partyContent(ultimateDebtor)),
    creditorBank && bankNode('CdtrAgt', creditorBank),
    node('Cdtr', [node('Nm', transfer.creditorName)]),
    accountNode('CdtrAcct', transfer.creditorAccount),
    ultimateCreditor && node('UltmtCdtr', partyContent(ultimateCreditor)),
    group('Purp', [optional('Cd', transfer.purpose)]),
    group('RmtInf', [optional('Ustrd', transfer.remittance)]),
  ]);
}

function groupNode(one: TransferGroup): XmlNode {
  const batch = one.batchBooking === undefined ? undefined : String(one.batchBooking);
  return node('PmtInf', [
    node('PmtInfId', one.id),
    node('PmtMtd', 'TRF'),
    optional('BtchBookg', batch),
    node('NbOfTxs', String(one.transfers.length)),
    node('CtrlSum', controlSum(one.transfers)),
    group('PmtTpInf', [optional('InstrPrty', one.priority)]),
    node('ReqdExctnDt', [node('Dt', one.executionDate.toString())]),
    node('Dbtr', [node('Nm', one.debtorName)]),
    accountNode('DbtrAcct', one.debtorAccount),
    bankNode('DbtrAgt', one.debtorBank),
    one.ultimateDebtor && node('UltmtDbtr', partyContent(one.ultimateDebtor)),
    ...one.transfers.map(transferNode),
  ]);
}

/** ISODateTime in the banks' zone, to the second: `2026-03-18T09:30:00+08:00`. */
function dateTime(instant: Temporal.Instant): string {
  return instant.toString({ timeZone: bankZone, smallestUnit: 'second' });
}

/**
 * Writes a payment order as pain.001.001.09, valid by its schema. Refused is what the schema or
 * sense does not allow: ids longer than 35 characters, amounts that are not positive, end-to-end
 * ids that occur twice; the refusal's path names the place in the order.
 *
 * @returns the XML text, to be sent in UTF-8.
 */
export function writePain001(order: PaymentOrder): Result<string, FileRefusal> {
  const refusal = checkOrder(order);
  if (refusal !== undefined) return err(refusal);
  const transfers = order.groups.flatMap((one) => one.transfers);
  const header = node('GrpHdr', [
    node('MsgId', order.messageId),
    node('CreDtTm', dateTime(order.createdAt)),
    node('NbOfTxs', String(transfers.length)),
    node('CtrlSum', controlSum(transfers)),
    node('InitgPty', partyContent(order.initiatingParty)),
  ]);
  const body = node('CstmrCdtTrfInitn', [header, ...order.groups.map(groupNode)]);
  return ok(writeXml(node('Document', [body], { xmlns: namespace })));
}
