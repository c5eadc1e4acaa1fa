import { hash } from 'node:crypto';
import { bankZone } from '@keyturn/kernel';
import { toJson } from '@keyturn/pipeline';
import { answered, type ChannelAnswer, refused, unknown } from '../answer.ts';
import type { CallResult } from '../calls.ts';
import type { WechatPayContract } from '../contract.ts';
import { type WechatPayOperation, wechatPayError } from '../decide/wechat-pay-codes.ts';
import { maskJson } from '../masking.ts';
import type {
  AcquirerState,
  BillRequest,
  PrepayRequest,
  RefundRequest,
  RefundState,
} from '../types.ts';
import type { WechatPayClient, WechatPayExchange } from './client.ts';
import { readBillAddress, readError, readPrepay, readRefund, readTransaction } from './messages.ts';
import { refundOf, transactionOf } from './states.ts';

/** WeChat Pay APIv3 for one direct merchant. Every answer is verified before it is believed. */
export interface WechatPay {
  prepay(request: PrepayRequest): Promise<CallResult<{ codeUrl?: string; h5Url?: string }>>;
  query(number: string): Promise<CallResult<AcquirerState>>;
  close(number: string): Promise<CallResult<'closed' | 'already_paid'>>;
  refund(request: RefundRequest): Promise<CallResult<RefundState>>;
  queryRefund(number: string): Promise<CallResult<RefundState>>;
  bill(request: BillRequest): Promise<CallResult<Uint8Array>>;
}

type Verified = Extract<WechatPayExchange, { kind: 'verified' }>;

/** WeChat Pay takes at most 127 characters of description and 80 of reason. */
function atMost(text: string, characters: number): string {
  return [...text].slice(0, characters).join('');
}

function wireTime(instant: Temporal.Instant): string {
  return instant.toString({ timeZone: bankZone, smallestUnit: 'second' });
}

export function createWechatPay(contract: WechatPayContract, client: WechatPayClient): WechatPay {
  const { mchid, notify_url } = contract.config;

  async function call<T>(
    operation: WechatPayOperation,
    request: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: string },
    read: (answer: Verified) => ChannelAnswer<T> | undefined,
  ): Promise<CallResult<T>> {
    const { method, path, body = '' } = request;
    const exchange = await client.call(method, path, body);
    const sent = `${method} ${path}\n${maskJson(body)}`;
    if (exchange.kind !== 'verified') return untrusted(exchange, sent);
    const response = `${exchange.status} ${maskJson(exchange.text)}`;
    const answer = read(exchange) ?? errorOf(operation, exchange);
    return { answer, reached: true, transcript: { request: sent, response } };
  }

  return {
    prepay: async (request) => {
      const problem = checkPrepay(request);
      if (problem !== undefined) return problem;
      const body = prepayBody(contract, request);
      const path = `/v3/pay/transactions/${request.scene}`;
      return call('prepay', { method: 'POST', path, body }, (answer) =>
        addressOf(answer, request.scene),
      );
    },
    query: (number) => {
      const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(number)}?mchid=${mchid}`;
      return call<AcquirerState>('query', { method: 'GET', path }, (answer) => {
        if (isCode(answer, 'ORDER_NOT_EXIST')) return answered({ state: 'not_found' });
        if (answer.status !== 200 || !readTransaction.Check(answer.json)) return undefined;
        return transactionOf(answer.json, { mchid, number });
      });
    },
    close: (number) => {
      const path = `/v3/pay/transactions/out-trade-no/${encodeURIComponent(number)}/close`;
      const body = toJson({ mchid });
      return call('close', { method: 'POST', path, body }, (answer) => {
        if (answer.status === 204 || isCode(answer, 'ORDER_CLOSED')) return answered('closed');
        return isCode(answer, 'ORDERPAID') ? answered('already_paid') : undefined;
      });
    },
    refund: (request) => {
      const body = toJson({
        out_trade_no: request.paymentNumber,
        out_refund_no: request.number,
        reason: atMost(request.reason, 80),
        notify_url,
        amount: { refund: request.amount, total: request.total, currency: 'CNY' },
      });
      const path = '/v3/refund/domestic/refunds';
      return call('refund', { method: 'POST', path, body }, (answer) => {
        if (answer.status !== 200 || !readRefund.Check(answer.json)) return undefined;
        return refundOf(answer.json, request.number);
      });
    },
    queryRefund: (number) => {
      const path = `/v3/refund/domestic/refunds/${encodeURIComponent(number)}`;
      return call<RefundState>('query_refund', { method: 'GET', path }, (answer) => {
        if (isCode(answer, 'RESOURCE_NOT_EXISTS')) return answered({ state: 'not_found' });
        if (answer.status !== 200 || !readRefund.Check(answer.json)) return undefined;
        return refundOf(answer.json, number);
      });
    },
    bill: async (request) => {
      const name = request.kind === 'trade' ? 'tradebill' : 'fundflowbill';
      const path = `/v3/bill/${name}?bill_date=${request.date.toString()}`;
      let digest = '';
      const address = await call<string>('bill', { method: 'GET', path }, (answer) => {
        if (answer.status !== 200 || !readBillAddress.Check(answer.json)) return undefined;
        digest = answer.json.hash_value;
        return downloadPath(contract.config.base_url, answer.json);
      });
      if (address.answer.outcome !== 'ok') return { ...address, answer: address.answer };
      return download(client, address.answer.value, digest, address.transcript.request);
    },
  };
}

type PaymentAddress = { codeUrl?: string; h5Url?: string };

/** Where the payer pays; undefined when the answer does not hold it. */
function addressOf(
  answer: Verified,
  scene: PrepayRequest['scene'],
): ChannelAnswer<PaymentAddress> | undefined {
  if (answer.status !== 200 || !readPrepay.Check(answer.json)) return undefined;
  const { code_url: codeUrl, h5_url: h5Url } = answer.json;
  if (scene === 'native') return codeUrl === undefined ? undefined : answered({ codeUrl });
  return h5Url === undefined ? undefined : answered({ h5Url });
}

function untrusted(
  exchange: Exclude<WechatPayExchange, { kind: 'verified' }>,
  sent: string,
): CallResult<never> {
  return {
    answer: unknown(exchange.reason),
    reached: exchange.kind === 'unverified',
    transcript: { request: sent, response: exchange.reason },
  };
}

function prepayBody(contract: WechatPayContract, request: PrepayRequest): string {
  const { mchid, appid, notify_url } = contract.config;
  return toJson({
    appid,
    mchid,
    description: atMost(request.description, 127),
    out_trade_no: request.number,
    time_expire: wireTime(request.expiresAt),
    notify_url,
    amount: { total: request.amount, currency: request.currency },
    ...(request.scene === 'h5'
      ? { scene_info: { payer_client_ip: request.payerIp, h5_info: { type: 'Wap' } } }
      : {}),
  });
}

/** What can be told without asking: nothing is sent, and so nothing can have been done. */
function checkPrepay(request: PrepayRequest): CallResult<never> | undefined {
  const problem =
    Temporal.Instant.compare(request.expiresAt, request.now) <= 0
      ? refused('EXPIRED', 'the order had expired before it was sent', 'Make a new order.')
      : request.currency !== 'CNY'
        ? refused('CURRENCY', 'WeChat Pay takes CNY', 'Use another way to pay.')
        : request.scene === 'h5' && request.payerIp === undefined
          ? refused('PAYER_IP', "h5 needs the payer's address", 'Send payer_ip with the attempt.')
          : undefined;
  if (problem === undefined) return undefined;
  return { answer: problem, reached: true, transcript: { request: '(not sent)', response: '' } };
}

function isCode(answer: Verified, code: string): boolean {
  return answer.status >= 400 && readError.Check(answer.json) && answer.json.code === code;
}

function errorOf(operation: WechatPayOperation, answer: Verified): ChannelAnswer<never> {
  if (answer.status >= 400 && readError.Check(answer.json)) {
    return wechatPayError(operation, answer.status, answer.json);
  }
  return unknown(`WeChat Pay answered ${answer.status} with something that nobody knows`);
}

/** Our signature goes along with the download: it must stay at the address of the contract. */
function downloadPath(
  baseUrl: string,
  address: { readonly download_url: string; readonly hash_type: string },
): ChannelAnswer<string> {
  if (address.hash_type !== 'SHA1') return unknown(`the bill has a ${address.hash_type} digest`);
  const url = URL.parse(address.download_url);
  if (url === null || url.origin !== new URL(baseUrl).origin) {
    return unknown("the bill's download address is not WeChat Pay's");
  }
  return answered(url.pathname + url.search);
}

async function download(
  client: WechatPayClient,
  path: string,
  digest: string,
  asked: string,
): Promise<CallResult<Uint8Array>> {
  const exchange = await client.download(path);
  if (exchange.kind === 'broken') {
    const transcript = { request: asked, response: exchange.reason };
    return { answer: unknown(exchange.reason), reached: false, transcript };
  }
  const { status, body } = exchange.answer;
  const transcript = { request: asked, response: `${status} (${body.length} bytes)` };
  if (status !== 200) {
    return { answer: unknown(`the bill's file answered ${status}`), reached: true, transcript };
  }
  if (hash('sha1', body) !== digest.toLowerCase()) {
    const answer = unknown("the bill's file does not fit its digest");
    return { answer, reached: true, transcript };
  }
  return { answer: answered(body), reached: true, transcript };
}
