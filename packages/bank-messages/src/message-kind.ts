import { findAll, namespaceOf, type XmlElement } from './xml/element.ts';

/** An ISO 20022 message found in an XML file, whatever envelope it lies in. */
export interface FoundMessage {
  /** The element right below Document, e.g. BkToCstmrStmt. */
  readonly body: XmlElement;
  /** `camt.053`; undefined when neither element nor namespace tell. */
  readonly kind: string | undefined;
  /** `camt.053.001.08` when the namespace says so, otherwise the kind. */
  readonly version: string;
  /** The kind in the namespace when it is another than the element's. */
  readonly contradiction: string | undefined;
}

/**
 * The message elements by which a file is recognised, with or without the V01 of early versions.
 */
const bodies: Readonly<Record<string, string>> = {
  BkToCstmrAcctRpt: 'camt.052',
  BkToCstmrStmt: 'camt.053',
  BkToCstmrDbtCdtNtfctn: 'camt.054',
  AcctRptgReq: 'camt.060',
  RsltnOfInvstgtn: 'camt.029',
  FIToFIPmtCxlReq: 'camt.056',
  CstmrPmtCxlReq: 'camt.055',
  CstmrCdtTrfInitn: 'pain.001',
  CstmrPmtStsRpt: 'pain.002',
  CstmrPmtRvsl: 'pain.007',
  CstmrDrctDbtInitn: 'pain.008',
  FIToFICstmrCdtTrf: 'pacs.008',
  FIToFIPmtStsRpt: 'pacs.002',
  PmtRtr: 'pacs.004',
  FICdtTrf: 'pacs.009',
  AcctOpngReq: 'acmt.007',
  AppHdr: 'head.001',
};

const words: Readonly<Record<string, string>> = {
  'camt.029': 'resolution of an investigation',
  'camt.052': 'account report',
  'camt.053': 'account statement',
  'camt.054': 'debit and credit notification',
  'camt.055': 'cancellation request',
  'camt.056': 'cancellation request between banks',
  'camt.060': 'account reporting request',
  'pain.001': 'payment order',
  'pain.002': 'payment status report',
  'pain.007': 'payment reversal',
  'pain.008': 'direct debit order',
  'pacs.002': 'payment status report between banks',
  'pacs.004': 'payment return between banks',
  'pacs.008': 'credit transfer between banks',
  'pacs.009': 'transfer between banks',
  'acmt.007': 'account opening request',
  'head.001': 'business application header without a message',
};

/** `pain.001.001.03` as `a pain.001 payment order (pain.001.001.03)`. */
export function describeKind(kind: string, version: string): string {
  const article = /^a/.test(kind) ? 'an' : 'a';
  const suffix = version === kind ? '' : ` (${version})`;
  return `${article} ${kind} ${words[kind] ?? 'message'}${suffix}`;
}

/** The kind that an element's name tells. */
export function kindOfBody(name: string): string | undefined {
  const plain = name.replace(/V\d{2}$/, '');
  return Object.hasOwn(bodies, plain) ? bodies[plain] : undefined;
}

/** The message version inside a namespace, also the national ones (`pain.002.001.03.ch.02`). */
export function versionOfNamespace(namespace: string | undefined): string | undefined {
  const match = /\b([a-z]{4}\.\d{3}\.\d{3}\.\d{2}(?:\.[a-z]{2}\.\d{2})?)(?:\.xsd)?$/.exec(
    namespace ?? '',
  );
  return match?.[1];
}

function found(body: XmlElement): FoundMessage {
  const version = versionOfNamespace(namespaceOf(body));
  const fromNamespace = version?.slice(0, 8);
  const kind = kindOfBody(body.name) ?? fromNamespace;
  const contradicts = fromNamespace !== undefined && fromNamespace !== kind;
  return {
    body,
    kind,
    version: contradicts ? (kind ?? 'unknown') : (version ?? kind ?? 'unknown'),
    contradiction: contradicts ? fromNamespace : undefined,
  };
}

/**
 * Finds the messages in a file: alone, under Document, beside a business application header, in a
 * SOAP or vendor's envelope, several of them. A header alone is found as such.
 */
export function findMessages(root: XmlElement): readonly FoundMessage[] {
  const known = findAll(root, (element) => kindOfBody(element.name) !== undefined).map(found);
  // Beside a known message other things may stand in the Document, a signature for instance.
  const all =
    known.length > 0
      ? known
      : findAll(root, (element) => element.parent?.name === 'Document').map(found);
  const messages = all.filter((message) => message.kind !== 'head.001');
  return messages.length > 0 ? messages : all;
}

/** The kind that an empty Document's namespace promises. */
export function emptyDocument(root: XmlElement): string | undefined {
  const document = findAll(root, (element) => element.name === 'Document')[0];
  return document === undefined ? undefined : versionOfNamespace(namespaceOf(document));
}
