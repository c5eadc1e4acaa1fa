import type { Problems } from '../problems.ts';
import type {
  BankTransactionCode,
  Charge,
  PaymentFacts,
  ReturnReason,
  StructuredRemittance,
  TransactionDetail,
} from '../statement.ts';
import { at, child, childrenOf, pathOf, textAt, textsOf, type XmlElement } from '../xml/element.ts';
import { readAgent, readParty, readPartyAccount } from './party.ts';
import { type AmountRead, type Direction, readAmount, readDirection, signed } from './values.ts';

/** The code of an element that is a choice of Cd and Prtry. */
function choice(element: XmlElement | undefined): string | undefined {
  const cd = textAt(element, 'Cd');
  return (
    cd ?? textAt(element, 'Prtry') ?? (element?.children.length === 0 ? textAt(element) : undefined)
  );
}

export function readTransactionCode(
  element: XmlElement | undefined,
): BankTransactionCode | undefined {
  const domain = child(element, 'Domn');
  const proprietary = child(element, 'Prtry');
  const code: BankTransactionCode = {
    domain: textAt(domain, 'Cd'),
    family: textAt(domain, 'Fmly', 'Cd'),
    subFamily: textAt(domain, 'Fmly', 'SubFmlyCd'),
    proprietary: textAt(proprietary, 'Cd'),
    proprietaryIssuer: textAt(proprietary, 'Issr'),
  };
  return code.domain === undefined && code.proprietary === undefined ? undefined : code;
}

/** Charges: repeated Chrgs with an amount (to version 02 and 03), or records in one Chrgs. */
export function readCharges(parent: XmlElement, problems: Problems): readonly Charge[] {
  const holders = childrenOf(parent, 'Chrgs').flatMap((charges) => {
    const records = childrenOf(charges, 'Rcrd');
    return records.length > 0 ? records : [charges];
  });
  return holders.flatMap((holder) => {
    const element = child(holder, 'Amt') ?? child(holder, 'TtlChrgsAndTaxAmt');
    if (element === undefined) return [];
    const { amount, currency } = readAmount(element, problems);
    const included = textAt(holder, 'ChrgInclInd');
    return [
      {
        amount: signed(amount, readDirection(holder, problems, 'debit')),
        currency,
        included: included === undefined ? undefined : included === 'true' || included === '1',
        type: choice(child(holder, 'Tp')) ?? textAt(holder, 'Tp', 'Prtry', 'Id'),
      },
    ];
  });
}

function readStructured(element: XmlElement): StructuredRemittance {
  const reference = child(element, 'CdtrRefInf');
  const type = at(reference, 'Tp', 'CdOrPrtry') ?? child(reference, 'CdtrRefTp');
  return {
    reference: textAt(reference, 'Ref') ?? textAt(reference, 'CdtrRef'),
    referenceType: textAt(type, 'Cd') ?? textAt(type, 'Prtry'),
    documents: childrenOf(element, 'RfrdDocInf').flatMap((document) => [
      ...textsOf(document, 'Nb'),
      ...textsOf(document, 'RfrdDocNb'),
    ]),
    additional: textsOf(element, 'AddtlRmtInf'),
  };
}

function readReturn(element: XmlElement | undefined): ReturnReason | undefined {
  if (element === undefined) return undefined;
  const reason = child(element, 'Rsn') ?? child(element, 'RtrRsn');
  return {
    code: textAt(reason, 'Cd'),
    proprietary: textAt(reason, 'Prtry'),
    info: [...textsOf(element, 'AddtlInf'), ...textsOf(element, 'AddtlRtrRsnInf')],
  };
}

/** `NOTPROVIDED` is what ISO 20022 rule books write for an end-to-end id that nobody gave. */
function given(reference: string | undefined): string | undefined {
  return reference === 'NOTPROVIDED' ? undefined : reference;
}

/**
 * What the owner's side of a payment is: of a payment given back, roles stay as they first were.
 */
export interface OwnerSide {
  readonly accountId: string;
  readonly direction: Direction;
  readonly reversal: boolean;
}

function virtualAccountOf(
  facts: Omit<PaymentFacts, 'virtualAccount'>,
  owner: OwnerSide,
): string | undefined {
  const turned = owner.reversal || facts.returnReason !== undefined;
  const ownerIsCreditor = (owner.direction === 'credit') !== turned;
  const ultimate = ownerIsCreditor ? facts.ultimateCreditor : facts.ultimateDebtor;
  const fromParty = ultimate?.ids[0];
  if (fromParty !== undefined) return fromParty;
  const own = ownerIsCreditor ? facts.creditorAccount : facts.debtorAccount;
  const opposite = ownerIsCreditor ? facts.debtorAccount : facts.creditorAccount;
  if (own === undefined || own.id === owner.accountId || opposite?.id === owner.accountId) {
    return undefined;
  }
  // A number that continues the master account's is a sub-account of it.
  return own.id.startsWith(owner.accountId) ? own.id : undefined;
}

/** Everything about one payment; `element` is a TxDtls. */
export function readFacts(element: XmlElement | undefined, owner: OwnerSide): PaymentFacts {
  const references = child(element, 'Refs');
  const parties = child(element, 'RltdPties');
  const agents = child(element, 'RltdAgts');
  const remittance = child(element, 'RmtInf');
  const creditor = readParty(child(parties, 'Cdtr'));
  const mandate = textAt(references, 'MndtId');
  const facts: Omit<PaymentFacts, 'virtualAccount'> = {
    messageId: textAt(references, 'MsgId'),
    paymentInformationId: textAt(references, 'PmtInfId'),
    instructionId: textAt(references, 'InstrId'),
    endToEndId: given(textAt(references, 'EndToEndId')),
    transactionId: textAt(references, 'TxId'),
    uetr: textAt(references, 'UETR'),
    mandateId: mandate,
    chequeNumber: textAt(references, 'ChqNb'),
    clearingReference: textAt(references, 'ClrSysRef'),
    otherReferences: childrenOf(references, 'Prtry').flatMap((other) => {
      const reference = textAt(other, 'Ref');
      return reference === undefined ? [] : [{ type: textAt(other, 'Tp'), reference }];
    }),
    creditorId: mandate === undefined ? undefined : creditor?.ids[0],
    debtor: readParty(child(parties, 'Dbtr')),
    debtorAccount: readPartyAccount(child(parties, 'DbtrAcct')),
    debtorAgent: readAgent(child(agents, 'DbtrAgt')),
    ultimateDebtor: readParty(child(parties, 'UltmtDbtr')),
    creditor,
    creditorAccount: readPartyAccount(child(parties, 'CdtrAcct')),
    creditorAgent: readAgent(child(agents, 'CdtrAgt')),
    ultimateCreditor: readParty(child(parties, 'UltmtCdtr')),
    purpose: choice(child(element, 'Purp')),
    remittance: textsOf(remittance, 'Ustrd'),
    structuredRemittance: childrenOf(remittance, 'Strd').map(readStructured),
    returnReason: readReturn(child(element, 'RtrInf')),
  };
  return { ...facts, virtualAccount: virtualAccountOf(facts, owner) };
}

/** The amount of a detail: its own (version 03 and later), or the transaction amount. */
function detailAmount(element: XmlElement, problems: Problems): AmountRead | undefined {
  const holder = child(element, 'Amt') ?? at(element, 'AmtDtls', 'TxAmt', 'Amt');
  return holder === undefined ? undefined : readAmount(holder, problems);
}

/** Reads one TxDtls of an entry whose direction it shares unless it says otherwise. */
export function readDetail(
  element: XmlElement,
  owner: OwnerSide,
  problems: Problems,
): TransactionDetail {
  const read = detailAmount(element, problems);
  const instructed = at(element, 'AmtDtls', 'InstdAmt', 'Amt');
  const direction = readDirection(element, problems, owner.direction);
  return {
    ...readFacts(element, { ...owner, direction }),
    path: pathOf(element),
    amount: read === undefined ? undefined : signed(read.amount, direction),
    currency: read?.currency,
    amountOf: read && (child(element, 'Amt') ? 'payment' : 'underlying'),
    instructed: instructed === undefined ? undefined : readAmount(instructed, problems),
    bankReference: textAt(element, 'Refs', 'AcctSvcrRef'),
    bankTransactionCode: readTransactionCode(child(element, 'BkTxCd')),
    charges: readCharges(element, problems),
    additionalInfo: textAt(element, 'AddtlTxInf'),
  };
}
