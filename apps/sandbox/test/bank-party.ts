import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { Agent, request } from 'undici';
import { registerClockRoutes } from '../src/admin/clock-routes.ts';
import { registerFaultRoutes } from '../src/admin/fault-routes.ts';
import { type Bank, createBank } from '../src/bank/index.ts';
import { answerText, requestText, signText, verifyText } from '../src/bank/signatures.ts';
import { readXml, type XmlElement } from '../src/bank/xml/read.ts';
import { createAdminApp } from '../src/core/admin-app.ts';
import { createLogger } from '../src/core/logger.ts';
import { openWorld, type World } from '../src/core/world.ts';

/** A Monday, 10:00 in Shanghai, later than any machine's clock that runs this. */
export const monday = '2031-03-03T10:00:00+08:00';
export const masterAccount = '6225880100000001';

/** The world with nothing in it but the bank. */
export interface BankWorld {
  world: World;
  bank: Bank;
  admin: FastifyInstance;
  url: string;
  directory: string;
  stop(): Promise<void>;
}

export async function startBankWorld(
  directory = mkdtempSync(join(tmpdir(), 'keyturn-bank-')),
): Promise<BankWorld> {
  const logger = createLogger((line) => process.stderr.write(line));
  const world = openWorld(directory, logger);
  const bank = createBank(world);
  const admin = createAdminApp(logger);
  registerClockRoutes(admin, world);
  registerFaultRoutes(admin, world.faults);
  bank.registerAdmin(admin);
  const url = await bank.listen(0, '127.0.0.1');
  world.due.start(20);
  world.deliver.start(20);
  const stop = async () => {
    world.due.stop();
    await bank.close();
    await admin.close();
    await world.deliver.close();
    world.store.close();
  };
  return { world, bank, admin, url, directory, stop };
}

export type Json = Record<string, unknown>;

function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`no JSON object: ${text}`);
  return { ...value };
}

/** Calls the admin API; throws when the answer is not the expected one. */
export async function adminCall(
  admin: FastifyInstance,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body?: object,
): Promise<Json> {
  const payload = body === undefined ? {} : { payload: body };
  const answer = await admin.inject({ method, url, ...payload });
  if (answer.statusCode >= 300) {
    throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`);
  }
  return answer.body === '' ? {} : parseJson(answer.body);
}

/** What the bank sent to a notify url, verified. */
export interface Received {
  body: string;
  xml: XmlElement;
  signatureIsGood: boolean;
  messageId: string;
  bankReference: string;
}

/** A client's ear: takes notifications and lets tests wait for them. */
export interface Ear {
  url: string;
  received: Received[];
  /** Resolves with the first `count` notifications as soon as there are that many. */
  waitFor(count: number): Promise<Received[]>;
  /** Resolves with the first notification about the entry with this bank reference. */
  hear(bankReference: unknown): Promise<Received>;
  /** The same with all of them, as soon as there are `count`. */
  hearAll(bankReference: unknown, count: number): Promise<Received[]>;
  /** The status that is answered from now on. */
  answerWith(status: number): void;
  trust(bankKeyPem: string): void;
  close(): Promise<void>;
}

export async function openEar(): Promise<Ear> {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  let status = 200;
  let bankKey: KeyObject | undefined;
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const header = (name: string) => String(incoming.headers[name] ?? '');
      const signed = requestText({
        method: 'POST',
        path: incoming.url ?? '',
        timestamp: header('x-bank-timestamp'),
        nonce: header('x-bank-nonce'),
        body,
      });
      const xml = readXml(body.toString('utf8'));
      received.push({
        body: body.toString('utf8'),
        xml,
        signatureIsGood:
          bankKey !== undefined && verifyText(bankKey, signed, header('x-bank-signature')),
        messageId: at(xml, 'BkToCstmrDbtCdtNtfctn/GrpHdr/MsgId')?.text ?? '',
        bankReference: at(xml, 'BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/AcctSvcrRef')?.text ?? '',
      });
      outgoing.writeHead(status).end();
      for (const look of waiting.splice(0)) look();
    });
  });
  function until<T>(find: () => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = find();
        if (found === undefined) waiting.push(look);
        else resolve(found);
      };
      look();
    });
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/bank/events?client=KT01`,
    received,
    waitFor: (count) => until(() => (received.length >= count ? received : undefined)),
    hear: (reference) =>
      until(() => received.find(({ bankReference }) => bankReference === reference)),
    hearAll: (reference, count) =>
      until(() => {
        const found = received.filter(({ bankReference }) => bankReference === reference);
        return found.length >= count ? found : undefined;
      }),
    answerWith: (next) => {
      status = next;
    },
    trust: (pem) => {
      bankKey = createPublicKey(pem);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** The element at a path below `element`, first match at each step. */
export function at(element: XmlElement | undefined, path: string): XmlElement | undefined {
  let current = element;
  for (const name of path.split('/')) {
    current = current?.children.find((child) => child.name === name);
  }
  return current;
}

export function textAt(element: XmlElement | undefined, path: string): string | undefined {
  return at(element, path)?.text;
}

export function allAt(element: XmlElement | undefined, path: string): XmlElement[] {
  const names = path.split('/');
  const last = names.pop();
  const parent = names.length === 0 ? element : at(element, names.join('/'));
  return parent?.children.filter((child) => child.name === last) ?? [];
}

export interface Answer {
  status: number;
  body: string;
  json: Json;
  xml: XmlElement;
  signatureIsGood: boolean;
}

/** A client that signs by the protocol and checks what comes back. */
export interface BankClient {
  clientId: string;
  publicKeyPem: string;
  call(
    method: 'GET' | 'POST',
    path: string,
    body?: string | Buffer | object,
    change?: Record<string, string>,
  ): Promise<Answer>;
  close(): Promise<void>;
}

/** Enrols a client with the bank and opens its line. */
export async function enrol(
  { admin, url, world }: BankWorld,
  clientId: string,
  ear?: Ear,
): Promise<BankClient> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyPem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const enrolment = await adminCall(admin, 'POST', '/bank/clients', {
    client_id: clientId,
    name: `Client ${clientId}`,
    public_key_pem: publicKeyPem,
    notify_url: ear?.url ?? null,
  });
  ear?.trust(String(enrolment['bank_public_key_pem']));
  return openLine(url, clientId, privateKey, enrolment, () => world.clock.nowMs());
}

/** A line to the bank at `url` with the key of a client that is enrolled already. */
export function openLine(
  url: string,
  clientId: string,
  privateKey: KeyObject,
  enrolment: Json,
  nowMs: () => number,
): BankClient {
  const bankKey = createPublicKey(String(enrolment['bank_public_key_pem']));
  const dispatcher = new Agent({ connect: { ca: String(enrolment['ca_pem']) } });
  return {
    clientId,
    publicKeyPem: String(createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })),
    call: async (method, path, body, change = {}) => {
      const text =
        typeof body === 'string' || Buffer.isBuffer(body)
          ? body
          : body === undefined
            ? ''
            : JSON.stringify(body);
      const timestamp = change['x-bank-timestamp'] ?? String(Math.floor(nowMs() / 1_000));
      const nonce = change['x-bank-nonce'] ?? randomUUID();
      const signed = requestText({ method, path, timestamp, nonce, body: text });
      const headers = {
        'x-bank-client': clientId,
        'x-bank-timestamp': timestamp,
        'x-bank-nonce': nonce,
        'x-bank-key': 'key-1',
        'x-bank-signature': signText(privateKey, signed),
        ...(text === '' ? {} : { 'content-type': 'application/json' }),
        ...change,
      };
      const answer = await request(`${url}${path}`, {
        method,
        headers,
        dispatcher,
        ...(text === '' ? {} : { body: text }),
      });
      return readAnswer(answer, path, nonce, bankKey);
    },
    close: () => dispatcher.destroy(),
  };
}

async function readAnswer(
  answer: Awaited<ReturnType<typeof request>>,
  path: string,
  nonce: string,
  bankKey: KeyObject,
): Promise<Answer> {
  const body = await answer.body.text();
  const header = (name: string) => String(answer.headers[name] ?? '');
  const signed = answerText({
    status: answer.statusCode,
    path,
    timestamp: header('x-bank-timestamp'),
    nonce,
    body,
  });
  const isXml = header('content-type').startsWith('application/xml');
  return {
    status: answer.statusCode,
    body,
    json: isXml ? {} : parseJson(body),
    xml: readXml(isXml ? body : '<none/>'),
    signatureIsGood: verifyText(bankKey, signed, header('x-bank-signature')),
  };
}

/** One transfer of a pain.001, with what a test wants to be different. */
export interface TransferFields {
  endToEndId: string;
  amount: string;
  payee?: string;
  payeeName?: string;
  cnaps?: string | null;
  virtualAccount?: string;
  currency?: string;
  remittance?: string;
}

export interface MessageFields {
  messageId?: string;
  debtorAccount?: string;
  executionDate?: string;
  numberOfTransactions?: string;
  controlSum?: string;
}

function transferXml(transfer: TransferFields): string {
  const { cnaps = '102100099996', currency = 'CNY', virtualAccount } = transfer;
  const ultimate =
    virtualAccount === undefined
      ? ''
      : `<UltmtDbtr><Id><OrgId><Othr><Id>${virtualAccount}</Id></Othr></OrgId></Id></UltmtDbtr>`;
  const agent =
    cnaps === null
      ? ''
      : `<CdtrAgt><FinInstnId><ClrSysMmbId><MmbId>${cnaps}</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt>`;
  return `<CdtTrfTxInf><PmtId><EndToEndId>${transfer.endToEndId}</EndToEndId></PmtId>
    <Amt><InstdAmt Ccy="${currency}">${transfer.amount}</InstdAmt></Amt>${ultimate}${agent}
    <Cdtr><Nm>${transfer.payeeName ?? '张三'}</Nm></Cdtr>
    <CdtrAcct><Id><Othr><Id>${transfer.payee ?? '6222020200112233'}</Id></Othr></Id></CdtrAcct>
    <RmtInf><Ustrd>${transfer.remittance ?? '佣金 &amp; 税费'}</Ustrd></RmtInf></CdtTrfTxInf>`;
}

/** Writes a pain.001.001.09 as a client would. */
export function pain001(transfers: TransferFields[], fields: MessageFields = {}): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([transfers, fields]))
    .digest('hex');
  const messageId = fields.messageId ?? digest.slice(0, 35);
  const sum = fields.controlSum === undefined ? '' : `<CtrlSum>${fields.controlSum}</CtrlSum>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
  <GrpHdr><MsgId>${messageId}</MsgId><CreDtTm>2031-03-03T10:00:00+08:00</CreDtTm>
    <NbOfTxs>${fields.numberOfTransactions ?? transfers.length}</NbOfTxs>${sum}
    <InitgPty><Nm>Keyturn</Nm></InitgPty></GrpHdr>
  <PmtInf><PmtInfId>P-${messageId.slice(0, 30)}</PmtInfId><PmtMtd>TRF</PmtMtd>
    <ReqdExctnDt><Dt>${fields.executionDate ?? '2031-03-03'}</Dt></ReqdExctnDt>
    <Dbtr><Nm>Keyturn Escrow</Nm></Dbtr>
    <DbtrAcct><Id><Othr><Id>${fields.debtorAccount ?? masterAccount}</Id></Othr></Id></DbtrAcct>
    <DbtrAgt><FinInstnId><Nm>Sandbox Escrow Bank</Nm></FinInstnId></DbtrAgt>
    ${transfers.map(transferXml).join('')}</PmtInf>
</CstmrCdtTrfInitn></Document>`;
}
