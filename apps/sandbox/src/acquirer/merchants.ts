import { createPublicKey, type KeyObject } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../core/refusal.ts';
import { integer, optionalText, type Row, text } from '../core/store.ts';

/** A direct merchant of the acquirer. */
export interface Merchant {
  mchid: string;
  name: string;
  appid: string;
  /** 32 bytes: the key of notifications and certificates. */
  apiV3Key: Buffer;
  certificateSerial: string;
  publicKey: KeyObject;
  feeBps: bigint;
  /** `net`: settlements are net of fees. `gross`: fees are billed apart, outside of settlements. */
  feeMode: 'net' | 'gross';
  settlementAccount: string | undefined;
  /** Whether refunds beyond the unsettled balance are advanced and carried over, or refused. */
  refundOverdraft: boolean;
}

export interface Enrolment {
  mchid: string;
  name: string;
  appid: string;
  api_v3_key: string;
  certificate_serial: string;
  public_key_pem: string;
  fee_bps: number;
  fee_mode: 'net' | 'gross';
  settlement_account: string | null;
  refund_overdraft?: boolean;
}

export interface Merchants {
  find(mchid: string): Merchant | undefined;
  list(): Merchant[];
  /** Creates or replaces. Throws a Refusal for a key that cannot be one. */
  enrol(enrolment: Enrolment): Merchant;
}

function readPublicKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new Refusal(
      400,
      'public_key_pem is no PEM of a key or certificate: send all of it, BEGIN and END included',
    );
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < 2_048) {
    throw new Refusal(
      400,
      'public_key_pem is no RSA key of 2048 bits or more: the protocol signs with RSA-SHA256',
    );
  }
  return key;
}

function parseMerchant(row: Row): Merchant {
  return {
    mchid: text(row, 'mchid'),
    name: text(row, 'name'),
    appid: text(row, 'appid'),
    apiV3Key: Buffer.from(text(row, 'api_v3_key'), 'utf8'),
    certificateSerial: text(row, 'certificate_serial'),
    publicKey: createPublicKey(text(row, 'public_key_pem')),
    feeBps: BigInt(integer(row, 'fee_bps')),
    feeMode: text(row, 'fee_mode') === 'gross' ? 'gross' : 'net',
    settlementAccount: optionalText(row, 'settlement_account'),
    refundOverdraft: integer(row, 'refund_overdraft') === 1,
  };
}

/** Merchants are few and asked for with every request: they are kept in memory with their keys. */
export function openMerchants(store: DatabaseSync): Merchants {
  const select = store.prepare('select * from acquirer_merchant where mchid = ?');
  const all = store.prepare('select * from acquirer_merchant order by mchid');
  const upsert = store.prepare(`insert into acquirer_merchant (mchid, name, appid, api_v3_key,
      certificate_serial, public_key_pem, fee_bps, fee_mode, settlement_account, refund_overdraft)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (mchid) do update set name = excluded.name, appid = excluded.appid,
      api_v3_key = excluded.api_v3_key, certificate_serial = excluded.certificate_serial,
      public_key_pem = excluded.public_key_pem, fee_bps = excluded.fee_bps,
      fee_mode = excluded.fee_mode, settlement_account = excluded.settlement_account,
      refund_overdraft = excluded.refund_overdraft`);
  const known = new Map(all.all().map((row) => [text(row, 'mchid'), parseMerchant(row)]));

  function enrol(enrolment: Enrolment): Merchant {
    const bytes = Buffer.byteLength(enrolment.api_v3_key, 'utf8');
    if (bytes !== 32) {
      throw new Refusal(400, `api_v3_key has ${bytes} bytes: it must have exactly 32`);
    }
    readPublicKey(enrolment.public_key_pem);
    upsert.run(
      enrolment.mchid,
      enrolment.name,
      enrolment.appid,
      enrolment.api_v3_key,
      enrolment.certificate_serial.toUpperCase(),
      enrolment.public_key_pem,
      enrolment.fee_bps,
      enrolment.fee_mode,
      enrolment.settlement_account,
      enrolment.refund_overdraft === false ? 0 : 1,
    );
    const row = select.get(enrolment.mchid);
    if (row === undefined) throw new Error('the merchant is not there after it was written');
    const merchant = parseMerchant(row);
    known.set(merchant.mchid, merchant);
    return merchant;
  }

  return { find: (mchid) => known.get(mchid), list: () => [...known.values()], enrol };
}
