import { gzipSync } from 'node:zlib';
import type { Static, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { type WorldClock, wireTime } from '../core/clock.ts';
import type { Faults } from '../core/faults.ts';
import { orderAnswer, refundAnswer, unpaidAnswer } from './answers.ts';
import { ApiError, FaultError } from './api-error.ts';
import type { Bill, Bills, BillType } from './bills.ts';
import { type Answer, type Call, type Endpoint, json } from './merchant-api.ts';
import type { Merchant } from './merchants.ts';
import type { Orders } from './orders.ts';
import type { Order } from './orders-store.ts';
import type { PlatformCertificate } from './platform-certificate.ts';
import type { Refunds } from './refunds.ts';
import { closeBody, h5Body, nativeBody, type PrepayBody, refundBody } from './schemas.ts';
import { encryptResource } from './wire.ts';

export interface EndpointDeps {
  clock: WorldClock;
  faults: Faults;
  orders: Orders;
  refunds: Refunds;
  bills: Bills;
  certificate: PlatformCertificate;
}

const validators = {
  native: Compile(nativeBody),
  h5: Compile(h5Body),
  close: Compile(closeBody),
  refund: Compile(refundBody),
};

/** The body as the schema has it. Throws PARAM_ERROR that names the field and what is wrong. */
function parseBody<Schema extends TSchema>(
  validator: Validator<Record<never, never>, Schema>,
  text: string,
): Static<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const issue = 'the body is no JSON';
    throw new ApiError('PARAM_ERROR', '参数错误：请求体不是合法的 JSON', {
      location: 'body',
      issue,
    });
  }
  if (validator.Check(value)) return value;
  const [first] = validator.Errors(value);
  const field = `/body${first?.instancePath ?? ''}`;
  const issue = first?.message ?? 'does not fit the schema';
  const named = first?.keyword === 'required' ? `${issue}: ${JSON.stringify(first.params)}` : issue;
  throw new ApiError('PARAM_ERROR', `参数错误：${field} ${named}`, {
    ...{ field, issue: named, location: 'body' },
  });
}

/** Who signs must be who is meant. */
function requireOwn(merchant: Merchant, mchid: string | undefined, appid?: string): void {
  if (mchid === undefined) {
    const issue = 'the parameter is missing';
    throw new ApiError('PARAM_ERROR', '参数错误：缺少 mchid', { field: 'mchid', issue });
  }
  if (mchid !== merchant.mchid) {
    throw new ApiError('NO_AUTH', 'mchid 与签名的商户号不一致，商户无权限');
  }
  if (appid !== undefined && appid !== merchant.appid) {
    throw new ApiError('APPID_MCHID_NOT_MATCH', 'appid 和 mchid 不匹配，请检查绑定关系');
  }
}

function payEndpoints({ orders }: EndpointDeps): Endpoint[] {
  const prepay = async (call: Call, tradeType: Order['tradeType'], body: PrepayBody) => {
    requireOwn(call.merchant, body.mchid, body.appid);
    return orders.prepay(call.merchant, tradeType, body);
  };
  return [
    {
      method: 'POST',
      path: '/v3/pay/transactions/native',
      handle: async (call) => {
        const order = await prepay(call, 'NATIVE', parseBody(validators.native, call.body));
        return json({ code_url: `weixin://wxpay/bizpayurl?pr=${order.token}` });
      },
    },
    {
      method: 'POST',
      path: '/v3/pay/transactions/h5',
      handle: async (call) => {
        const order = await prepay(call, 'MWEB', parseBody(validators.h5, call.body));
        return json({ h5_url: `${call.origin}/pay/${order.token}` });
      },
    },
    {
      method: 'POST',
      path: '/v3/pay/transactions/out-trade-no/:out_trade_no/close',
      handle: async (call) => {
        requireOwn(call.merchant, parseBody(validators.close, call.body).mchid);
        await orders.close(call.merchant, call.params['out_trade_no'] ?? '');
        return { status: 204, body: '' };
      },
    },
  ];
}

function queryEndpoints({ orders, faults, clock }: EndpointDeps): Endpoint[] {
  faults.declare('acquirer.query', {
    not_found: {},
    stale: {},
    error: { status: 500, code: 'SYSTEM_ERROR' },
  });
  const query = (call: Call, find: () => Order): Answer => {
    requireOwn(call.merchant, call.query['mchid']);
    const order = find();
    const subject = { mchid: order.mchid, out_trade_no: order.outTradeNo };
    const fault = faults.take('acquirer.query', subject);
    if (fault?.kind === 'not_found') throw new ApiError('ORDER_NOT_EXIST', '订单不存在');
    if (fault?.kind === 'error') {
      const status = typeof fault['status'] === 'number' ? fault['status'] : undefined;
      throw new FaultError(String(fault['code']), status);
    }
    if (fault?.kind === 'stale') return json(unpaidAnswer(order, clock.nowMs()));
    return json(orderAnswer(order, clock.nowMs()));
  };
  return [
    {
      method: 'GET',
      path: '/v3/pay/transactions/out-trade-no/:out_trade_no',
      handle: (call) =>
        query(call, () => orders.get(call.merchant, call.params['out_trade_no'] ?? '')),
    },
    {
      method: 'GET',
      path: '/v3/pay/transactions/id/:transaction_id',
      handle: (call) =>
        query(call, () =>
          orders.getByTransaction(call.merchant, call.params['transaction_id'] ?? ''),
        ),
    },
  ];
}

function refundEndpoints({ refunds }: EndpointDeps): Endpoint[] {
  return [
    {
      method: 'POST',
      path: '/v3/refund/domestic/refunds',
      handle: async (call) => {
        const body = parseBody(validators.refund, call.body);
        const { refund, order } = await refunds.ask(call.merchant, body);
        return json(refundAnswer(refund, order.bankType));
      },
    },
    {
      method: 'GET',
      path: '/v3/refund/domestic/refunds/:out_refund_no',
      handle: (call) => {
        const found = refunds.get(call.merchant, call.params['out_refund_no'] ?? '');
        return json(refundAnswer(found.refund, found.order.bankType));
      },
    },
  ];
}

/** Says what is allowed when a query parameter is none of it; absent means the first. */
function choose<Value extends string>(
  call: Call,
  name: string,
  allowed: readonly [Value, ...Value[]],
): Value {
  const given = call.query[name];
  if (given === undefined) return allowed[0];
  const value = allowed.find((each) => each === given);
  if (value !== undefined) return value;
  const issue = `must be one of ${allowed.join(', ')}`;
  throw new ApiError('PARAM_ERROR', `参数错误：${name}`, {
    ...{ field: `/query/${name}`, value: given, issue, location: 'query' },
  });
}

function billEndpoints({ bills }: EndpointDeps): Endpoint[] {
  const answer = (call: Call, bill: Bill): Answer => {
    const packed = call.query['tar_type'] === 'GZIP' ? '&tartype=gzip' : '';
    const download_url = `${call.origin}/v3/billdownload/file?token=${bill.token}${packed}`;
    return json({ hash_type: 'SHA1', hash_value: bill.sha1, download_url });
  };
  const endpoint = (path: string, typeOf: (call: Call) => BillType): Endpoint => ({
    method: 'GET',
    path,
    handle: (call) => {
      choose(call, 'tar_type', ['', 'GZIP']);
      return answer(call, bills.get(call.merchant, call.query['bill_date'] ?? '', typeOf(call)));
    },
  });
  return [
    endpoint('/v3/bill/tradebill', (call) =>
      choose(call, 'bill_type', ['ALL', 'SUCCESS', 'REFUND']),
    ),
    endpoint('/v3/bill/fundflowbill', (call) => {
      choose(call, 'account_type', ['BASIC']);
      return 'FUNDFLOW';
    }),
    {
      method: 'GET',
      path: '/v3/billdownload/file',
      handle: (call) => {
        const bill = bills.download(call.merchant, call.query['token'] ?? '');
        if (bill === undefined) throw new ApiError('RESOURCE_NOT_EXISTS', '账单文件不存在');
        const isPacked = call.query['tartype'] === 'gzip';
        const bytes = Buffer.from(bill.content, 'utf8');
        const contentType = isPacked ? 'application/gzip' : 'text/plain; charset=utf-8';
        return { status: 200, body: isPacked ? gzipSync(bytes) : bytes, contentType };
      },
    },
  ];
}

function certificateEndpoint({ certificate }: EndpointDeps): Endpoint {
  return {
    method: 'GET',
    path: '/v3/certificates',
    handle: ({ merchant }) =>
      json({
        data: [
          {
            serial_no: certificate.serial,
            effective_time: wireTime(certificate.validFrom.epochMilliseconds),
            expire_time: wireTime(certificate.validTo.epochMilliseconds),
            encrypt_certificate: encryptResource(
              merchant.apiV3Key,
              certificate.certificatePem,
              'certificate',
            ),
          },
        ],
      }),
  };
}

/** Everything that a merchant can call. */
export function merchantEndpoints(deps: EndpointDeps): Endpoint[] {
  return [
    ...payEndpoints(deps),
    ...queryEndpoints(deps),
    ...refundEndpoints(deps),
    ...billEndpoints(deps),
    certificateEndpoint(deps),
  ];
}
