import { parseYuan } from '../fen.ts';
import {
  checkSequence,
  childrenOf,
  optionalAt,
  optionalChild,
  optionalText,
  readXml,
  requiredChild,
  requiredText,
  type XmlElement,
  XmlProblem,
} from './read.ts';

/** Why the bank refuses: a code of ISO 20022's ExternalStatusReason1Code and a sentence. */
export interface Reason {
  code: string;
  text: string;
}

/** One credit transfer of a message, with the debtor's side of its payment block. */
export interface Instruction {
  paymentInformationId: string;
  instructionId: string | undefined;
  endToEndId: string;
  /** Fen; undefined when `reason` says why. */
  amount: bigint | undefined;
  requestedDate: string;
  debtorName: string;
  debtorAccount: string;
  virtualAccount: string | undefined;
  creditorName: string;
  creditorAccount: string;
  /** CNAPS code of the payee's bank. */
  creditorAgent: string | undefined;
  remittance: string;
  /** What is wrong with this transfer alone. */
  reason: Reason | undefined;
}

export interface Initiation {
  messageId: string;
  instructions: Instruction[];
}

export type Pain001 =
  | { ok: true; initiation: Initiation }
  | { ok: false; messageId: string | undefined; reason: Reason };

export const schemaName = 'pain.001.001.09';
const namespace = `urn:iso:std:iso:20022:tech:xsd:${schemaName}`;
/** More than this in one message is refused; a client splits its batch. */
const maxInstructions = 1_000;

// biome-ignore format: the sequences of the schema
const sequences = {
  GrpHdr: ['MsgId', 'CreDtTm', 'Authstn', 'NbOfTxs', 'CtrlSum', 'InitgPty', 'FwdgAgt'],
  PmtInf: ['PmtInfId', 'PmtMtd', 'BtchBookg', 'NbOfTxs', 'CtrlSum', 'PmtTpInf', 'ReqdExctnDt',
    'PoolgAdjstmntDt', 'Dbtr', 'DbtrAcct', 'DbtrAgt', 'DbtrAgtAcct', 'InstrForDbtrAgt', 'UltmtDbtr',
    'ChrgBr', 'ChrgsAcct', 'ChrgsAcctAgt', 'CdtTrfTxInf'],
  CdtTrfTxInf: ['PmtId', 'PmtTpInf', 'Amt', 'XchgRateInf', 'ChrgBr', 'ChqInstr', 'UltmtDbtr',
    'IntrmyAgt1', 'IntrmyAgt1Acct', 'IntrmyAgt2', 'IntrmyAgt2Acct', 'IntrmyAgt3', 'IntrmyAgt3Acct',
    'CdtrAgt', 'CdtrAgtAcct', 'Cdtr', 'CdtrAcct', 'UltmtCdtr', 'InstrForCdtrAgt', 'InstrForDbtrAgt',
    'Purp', 'RgltryRptg', 'Tax', 'RltdRmtInf', 'RmtInf', 'SplmtryData'],
  PmtId: ['InstrId', 'EndToEndId', 'UETR'],
  party: ['Nm', 'PstlAdr', 'Id', 'CtryOfRes', 'CtctDtls'],
  account: ['Id', 'Tp', 'Ccy', 'Nm', 'Prxy'],
  agent: ['BICFI', 'ClrSysMmbId', 'LEI', 'Nm', 'PstlAdr', 'Othr'],
};

function checkPriority(parent: XmlElement): void {
  const priority = optionalText(parent, 'PmtTpInf/InstrPrty', 4);
  if (priority !== undefined && priority !== 'HIGH' && priority !== 'NORM') {
    throw new XmlProblem(`InstrPrty "${priority}" is unknown: use HIGH or NORM`);
  }
}

function readParty(party: XmlElement): string {
  checkSequence(party, sequences.party);
  return requiredText(party, 'Nm', 140);
}

function readAccount(account: XmlElement): string {
  checkSequence(account, sequences.account);
  return requiredText(account, 'Id/Othr/Id', 34);
}

/** The virtual account stands as the ultimate debtor's identification, of either kind. */
function readVirtualAccount(parent: XmlElement): string | undefined {
  const party = optionalChild(parent, 'UltmtDbtr');
  if (party === undefined) return undefined;
  checkSequence(party, sequences.party);
  return (
    optionalText(party, 'Id/OrgId/Othr/Id', 35) ?? optionalText(party, 'Id/PrvtId/Othr/Id', 35)
  );
}

function readAgent(transfer: XmlElement): string | undefined {
  const institution = optionalAt(transfer, 'CdtrAgt/FinInstnId');
  if (institution === undefined) return undefined;
  checkSequence(institution, sequences.agent);
  return optionalText(institution, 'ClrSysMmbId/MmbId', 35);
}

function readAmount(transfer: XmlElement): { amount?: bigint; reason?: Reason } {
  const element = optionalAt(transfer, 'Amt/InstdAmt');
  if (element === undefined) throw new XmlProblem('CdtTrfTxInf lacks Amt/InstdAmt');
  const { text } = element;
  const currency = element.attributes['Ccy'];
  if (currency === undefined) throw new XmlProblem('InstdAmt lacks the attribute Ccy');
  if (!/^\d{1,18}(\.\d{0,5})?$/.test(text)) {
    throw new XmlProblem(`InstdAmt "${text}" is no decimal of up to 18 digits without a sign`);
  }
  if (currency !== 'CNY') {
    return { reason: { code: 'AM03', text: `accounts here are kept in CNY, not in ${currency}` } };
  }
  const amount = parseYuan(text.replace(/\.$/, ''));
  if (amount === undefined) {
    return {
      reason: { code: 'AM12', text: `${text} is finer than a fen or too large to be booked` },
    };
  }
  if (amount === 0n) return { reason: { code: 'AM01', text: 'the amount is zero' } };
  return { amount };
}

function readDate(block: XmlElement): string {
  const text =
    optionalText(block, 'ReqdExctnDt/Dt', 35) ?? requiredText(block, 'ReqdExctnDt/DtTm', 35);
  try {
    return Temporal.PlainDate.from(text).toString();
  } catch {
    throw new XmlProblem(`ReqdExctnDt "${text}" is no date: write for example 2026-03-17`);
  }
}

function readRemittance(transfer: XmlElement): string {
  const information = optionalChild(transfer, 'RmtInf');
  if (information === undefined) return '';
  return childrenOf(information, 'Ustrd')
    .map((piece) => piece.text)
    .join('');
}

function readTransfer(transfer: XmlElement): Omit<Instruction, keyof Block> & { own?: string } {
  checkSequence(transfer, sequences.CdtTrfTxInf);
  checkSequence(requiredChild(transfer, 'PmtId'), sequences.PmtId);
  checkPriority(transfer);
  const { amount, reason } = readAmount(transfer);
  const own = readVirtualAccount(transfer);
  return {
    instructionId: optionalText(transfer, 'PmtId/InstrId', 35),
    endToEndId: requiredText(transfer, 'PmtId/EndToEndId', 35),
    amount,
    creditorName: readParty(requiredChild(transfer, 'Cdtr')),
    creditorAccount: readAccount(requiredChild(transfer, 'CdtrAcct')),
    creditorAgent: readAgent(transfer),
    remittance: readRemittance(transfer),
    reason,
    ...(own === undefined ? {} : { own }),
  };
}

type Block = Pick<
  Instruction,
  'paymentInformationId' | 'requestedDate' | 'debtorName' | 'debtorAccount' | 'virtualAccount'
>;

function checkTotals(parent: XmlElement, instructions: Instruction[]): void {
  const count = optionalText(parent, 'NbOfTxs', 15);
  if (
    count !== undefined &&
    (!/^\d+$/.test(count) || BigInt(count) !== BigInt(instructions.length))
  ) {
    throw new XmlProblem(`${parent.name}/NbOfTxs says ${count}, there are ${instructions.length}`);
  }
  const sum = optionalText(parent, 'CtrlSum', 19);
  // An amount that cannot be booked is refused for itself; then there is no sum to compare.
  if (sum === undefined || instructions.some(({ amount }) => amount === undefined)) return;
  const total = instructions.reduce((all, { amount }) => all + (amount ?? 0n), 0n);
  if (parseYuan(sum) !== total) {
    throw new XmlProblem(`${parent.name}/CtrlSum says ${sum}, the amounts do not sum to it`);
  }
}

function readBlock(element: XmlElement): Instruction[] {
  checkSequence(element, sequences.PmtInf);
  const method = requiredText(element, 'PmtMtd', 3);
  if (method !== 'TRF') throw new XmlProblem(`PmtMtd "${method}" is not offered: use TRF`);
  checkPriority(element);
  requiredChild(element, 'DbtrAgt');
  const block: Block = {
    paymentInformationId: requiredText(element, 'PmtInfId', 35),
    requestedDate: readDate(element),
    debtorName: readParty(requiredChild(element, 'Dbtr')),
    debtorAccount: readAccount(requiredChild(element, 'DbtrAcct')),
    virtualAccount: readVirtualAccount(element),
  };
  const instructions = childrenOf(element, 'CdtTrfTxInf').map((transfer) => {
    const { own, ...fields } = readTransfer(transfer);
    return { ...block, ...fields, virtualAccount: own ?? block.virtualAccount };
  });
  if (instructions.length === 0) throw new XmlProblem('PmtInf lacks CdtTrfTxInf');
  checkTotals(element, instructions);
  return instructions;
}

function readInitiation(initiation: XmlElement): Initiation {
  checkSequence(initiation, ['GrpHdr', 'PmtInf', 'SplmtryData']);
  const header = requiredChild(initiation, 'GrpHdr');
  checkSequence(header, sequences.GrpHdr);
  const messageId = requiredText(header, 'MsgId', 35);
  requiredText(header, 'NbOfTxs', 15);
  requiredChild(header, 'InitgPty');
  const created = requiredText(header, 'CreDtTm', 35);
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?$/.test(created)) {
    throw new XmlProblem(`CreDtTm "${created}" is no date and time: 2026-03-17T09:30:00+08:00`);
  }
  const blocks = childrenOf(initiation, 'PmtInf');
  if (blocks.length === 0) throw new XmlProblem('CstmrCdtTrfInitn lacks PmtInf');
  const instructions = blocks.flatMap(readBlock);
  if (instructions.length > maxInstructions) {
    throw new XmlProblem(`a message carries at most ${maxInstructions} transfers: split it`);
  }
  checkTotals(header, instructions);
  return { messageId, instructions };
}

function messageIdOf(root: XmlElement | undefined): string | undefined {
  const id = root?.children[0]?.children[0]?.children[0];
  return id?.name === 'MsgId' && id.text.length > 0 && id.text.length <= 35 ? id.text : undefined;
}

/**
 * Reads a `pain.001.001.09` (ISO 20022, CustomerCreditTransferInitiationV09). What cannot be read,
 * or breaks the schema where the bank looks, is refused as a whole with FF01; the message id is
 * given when it could be read nevertheless.
 */
export function readPain001(source: string): Pain001 {
  let root: XmlElement | undefined;
  try {
    root = readXml(source);
    if (root.name !== 'Document' || root.namespace !== namespace) {
      throw new XmlProblem(`the root element must be Document of the namespace ${namespace}`);
    }
    return { ok: true, initiation: readInitiation(requiredChild(root, 'CstmrCdtTrfInitn')) };
  } catch (error) {
    if (!(error instanceof XmlProblem)) throw error;
    return {
      ok: false,
      messageId: messageIdOf(root),
      reason: { code: 'FF01', text: error.message },
    };
  }
}
