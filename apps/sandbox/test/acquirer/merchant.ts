import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { request } from 'undici';
import WechatPay from 'wechatpay-node-v3';
import { PayRequest } from 'wechatpay-node-v3/dist/lib/pay-request.js';
import type { Received } from './notify-receiver.ts';
import { parseObject, type SandboxProcess } from './sandbox-process.ts';

/** Where the public client calls; only this is changed for the sandbox. */
export const publicOrigin = 'https://api.mch.weixin.qq.com';

export interface SignedAnswer {
  status: number;
  body: Record<string, unknown>;
  /** The content as it came, byte order mark included. */
  text: string;
  /** Whether the answer's signature verifies with the platform's key. */
  isSigned: boolean;
}

export interface RequestOptions {
  /** Changes parts of what is signed and sent. */
  timestamp?: string;
  nonce?: string;
  serial?: string;
  mchid?: string;
  key?: KeyObject;
  authorization?: string;
}

export interface TestMerchant {
  mchid: string;
  appid: string;
  apiV3Key: string;
  /** The public third-party client, unchanged but for the address. */
  client: WechatPay;
  /** A signed request of our own, for what the client cannot get wrong. */
  send(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    options?: RequestOptions,
  ): Promise<SignedAnswer>;
  /** The bytes of a signed GET, for packed files. */
  sendForBytes(path: string): Promise<Buffer>;
  /** An order for so many fen; gives its token. */
  prepay(outTradeNo: string, total: number, more?: Record<string, unknown>): Promise<string>;
  /** An order that was paid. */
  paidOrder(outTradeNo: string, total: number): Promise<void>;
  refund(
    outTradeNo: string,
    outRefundNo: string,
    refund: number,
    total: number,
  ): Promise<SignedAnswer>;
  /** Checks a notification's signature and gives what is inside. Throws when either is wrong. */
  open(notification: Received): { eventType: string; content: Record<string, unknown> };
}

export interface MerchantOptions {
  mchid?: string;
  notifyUrl: string;
  feeBps?: number;
  feeMode?: 'net' | 'gross';
  settlementAccount?: string | null;
  refundOverdraft?: boolean;
}

function redirectedClient(client: WechatPay, origin: string): WechatPay {
  const real = new PayRequest();
  const here = (url: string) => url.replace(publicOrigin, origin);
  client.createHttp({
    get: (url, headers) => real.get(here(url), headers),
    post: (url, params, headers) => real.post(here(url), params, headers),
    upload: (url, params, headers) => real.upload(here(url), params, headers),
  });
  return client;
}

function headerText(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : '';
}

type Headers = Record<string, string | string[] | undefined>;

function isSignedBy(platformKey: string, headers: Headers, text: string): boolean {
  const [timestamp, nonce, signature] = ['timestamp', 'nonce', 'signature'].map((name) =>
    headerText(headers[`wechatpay-${name}`]),
  );
  const message = Buffer.from(`${timestamp}\n${nonce}\n${text}\n`);
  return verify('RSA-SHA256', message, platformKey, Buffer.from(signature ?? '', 'base64'));
}

interface Identity {
  mchid: string;
  serial: string;
  privateKey: KeyObject;
}

interface Question {
  method: 'GET' | 'POST';
  path: string;
  content: string;
}

/** Signs as the protocol says, but for what the options change, and asks. */
async function ask(
  sandbox: SandboxProcess,
  who: Identity,
  question: Question,
  given: RequestOptions,
) {
  const { method, path, content } = question;
  const clock = await sandbox.call('GET', '/clock');
  const now = Temporal.Instant.from(String(clock.body['now']));
  const timestamp = given.timestamp ?? String(Math.floor(now.epochMilliseconds / 1_000));
  const nonce = given.nonce ?? randomBytes(16).toString('hex');
  const message = `${method}\n${path}\n${timestamp}\n${nonce}\n${content}\n`;
  const signature = sign('RSA-SHA256', Buffer.from(message), given.key ?? who.privateKey);
  const parts = {
    ...{ mchid: given.mchid ?? who.mchid, nonce_str: nonce, timestamp },
    ...{ signature: signature.toString('base64'), serial_no: given.serial ?? who.serial },
  };
  const list = Object.entries(parts).map(([name, value]) => `${name}="${value}"`);
  const authorization = given.authorization ?? `WECHATPAY2-SHA256-RSA2048 ${list.join(',')}`;
  const answer = await request(`${sandbox.acquirer}${path}`, {
    method,
    headers: { authorization, accept: 'application/json', 'content-type': 'application/json' },
    ...(content === '' ? {} : { body: content }),
  });
  return { answer, bytes: Buffer.from(await answer.body.arrayBuffer()) };
}

const appid = 'wx0000000000000001';

/** Enrols the merchant; gives the platform's public key. */
async function enrol(
  sandbox: SandboxProcess,
  options: MerchantOptions,
  keys: { mchid: string; apiV3Key: string; serial: string; publicKeyPem: string },
): Promise<string> {
  const { mchid, apiV3Key, serial, publicKeyPem } = keys;
  const { feeBps = 60, feeMode = 'net', settlementAccount = null } = options;
  const enrolled = await sandbox.call('POST', '/acquirer/merchants', {
    ...{ mchid, name: '测试商户', appid, api_v3_key: apiV3Key, certificate_serial: serial },
    ...{ public_key_pem: publicKeyPem, fee_bps: feeBps, fee_mode: feeMode },
    settlement_account: settlementAccount,
    refund_overdraft: options.refundOverdraft ?? true,
  });
  if (enrolled.status !== 200) throw new Error(JSON.stringify(enrolled.body));
  return String(enrolled.body['platform_public_key_pem']);
}

/** Enrols a merchant with keys of its own. */
export async function enrolMerchant(
  sandbox: SandboxProcess,
  options: MerchantOptions,
): Promise<TestMerchant> {
  const { mchid = '1900000001', notifyUrl } = options;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKeyPem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const apiV3Key = createHash('sha256').update(mchid).digest('hex').slice(0, 32);
  const serial = randomBytes(20).toString('hex').toUpperCase();
  const platformKey = await enrol(sandbox, options, { mchid, apiV3Key, serial, publicKeyPem });
  const who = { mchid, serial, privateKey };
  const client = new WechatPay({
    ...{ appid, mchid, serial_no: serial, key: apiV3Key, publicKey: Buffer.from(publicKeyPem) },
    privateKey: Buffer.from(String(privateKey.export({ type: 'pkcs8', format: 'pem' }))),
  });

  const send: TestMerchant['send'] = async (method, path, body, given = {}) => {
    const content = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const question = { method, path, content: content ?? '' };
    const { answer, bytes } = await ask(sandbox, who, question, given);
    const text = bytes.toString('utf8');
    const isJson = headerText(answer.headers['content-type']).startsWith('application/json');
    const isSigned = isSignedBy(platformKey, answer.headers, text);
    return { status: answer.statusCode, body: isJson ? parseObject(text) : {}, text, isSigned };
  };

  const prepay: TestMerchant['prepay'] = async (outTradeNo, total, more = {}) => {
    const answer = await send('POST', '/v3/pay/transactions/native', {
      ...{ appid, mchid, description: '测试商品', out_trade_no: outTradeNo },
      ...{ notify_url: notifyUrl, amount: { total, currency: 'CNY' } },
      ...more,
    });
    if (answer.status !== 200) throw new Error(answer.text);
    return String(answer.body['code_url']).replace('weixin://wxpay/bizpayurl?pr=', '');
  };

  return {
    ...{ mchid, appid, apiV3Key, send, prepay },
    sendForBytes: async (path) => {
      const { bytes } = await ask(sandbox, who, { method: 'GET', path, content: '' }, {});
      return bytes;
    },
    client: redirectedClient(client, sandbox.acquirer),
    paidOrder: async (outTradeNo, total) => {
      const token = await prepay(outTradeNo, total);
      const paid = await sandbox.call('POST', `/payer/${token}/pay`);
      if (paid.status !== 200) throw new Error(JSON.stringify(paid.body));
    },
    refund: (outTradeNo, outRefundNo, refund, total) =>
      send('POST', '/v3/refund/domestic/refunds', {
        ...{ out_trade_no: outTradeNo, out_refund_no: outRefundNo, notify_url: notifyUrl },
        amount: { refund, total, currency: 'CNY' },
      }),
    open: ({ headers, body }) => {
      if (!isSignedBy(platformKey, headers, body)) throw new Error('not signed by the platform');
      const notice: { event_type: string; resource: Record<string, string> } = JSON.parse(body);
      const { ciphertext = '', associated_data = '', nonce = '' } = notice.resource;
      const content = client.decipher_gcm<Record<string, unknown>>(
        ...([ciphertext, associated_data, nonce, apiV3Key] as const),
      );
      return { eventType: notice.event_type, content };
    },
  };
}
