import type { DatabaseSync } from 'node:sqlite';
import type { WorldClock } from '../core/clock.ts';
import type { CommitQueue } from '../core/commit-queue.ts';
import { integer, text } from '../core/store.ts';
import { ApiError } from './api-error.ts';
import type { Merchant, Merchants } from './merchants.ts';
import { parseAuthorization, requestMessage, verifySignature } from './wire.ts';

/** A request as it came: what is signed is its bytes, not its meaning. */
export interface SignedRequest {
  method: string;
  url: string;
  authorization: string | undefined;
  body: string;
}

export interface Gate {
  /** Who asks. Throws SIGN_ERROR. */
  admit(request: SignedRequest): Merchant;
}

const allowedSkewMs = 5 * 60_000;
/** A nonce is remembered while its time stamp could still pass, the skew both ways counted. */
const rememberMs = 2 * allowedSkewMs + 60_000;
const sweepEvery = 1_000;

function refuse(issue: string, field?: string): ApiError {
  const detail = field === undefined ? { issue } : { field, issue };
  return new ApiError('SIGN_ERROR', '错误的签名，验签失败', {
    ...detail,
    location: 'authorization',
  });
}

/**
 * Nonces are kept in memory, and on the disk for requests that change something: after a crash
 * those cannot be played again, while a repeated question does no harm.
 */
function openNonces(store: DatabaseSync, clock: WorldClock, commits: CommitQueue) {
  const insert = store.prepare(
    'insert or ignore into acquirer_nonce (mchid, nonce, seen_ms) values (?, ?, ?)',
  );
  const forget = store.prepare('delete from acquirer_nonce where seen_ms < ?');
  const recent = store.prepare('select * from acquirer_nonce where seen_ms >= ?');
  const seen = new Map<string, number>();
  for (const row of recent.all(clock.nowMs() - rememberMs)) {
    seen.set(`${text(row, 'mchid')} ${text(row, 'nonce')}`, integer(row, 'seen_ms'));
  }
  let sinceSweep = 0;

  function sweep(nowMs: number): void {
    sinceSweep = 0;
    for (const [key, seenMs] of seen) {
      if (seenMs >= nowMs - rememberMs) break;
      seen.delete(key);
    }
    forget.run(nowMs - rememberMs);
  }

  return (mchid: string, nonce: string, isPersistent: boolean): boolean => {
    const key = `${mchid} ${nonce}`;
    if (seen.has(key)) return false;
    const nowMs = clock.nowMs();
    seen.set(key, nowMs);
    sinceSweep += 1;
    // Joins the commit of the request itself, which comes in the same turn of the loop.
    if (isPersistent) {
      commits
        .write(() => {
          insert.run(mchid, nonce, nowMs);
          if (sinceSweep >= sweepEvery) sweep(nowMs);
        })
        // Then the request's own commit failed too, and may be sent again.
        .catch(() => seen.delete(key));
    } else if (sinceSweep >= 10 * sweepEvery) sweep(nowMs);
    return true;
  };
}

/** Checks each request: known merchant and key, fresh time, right signature, new nonce. */
export function createGate(deps: {
  store: DatabaseSync;
  clock: WorldClock;
  commits: CommitQueue;
  merchants: Merchants;
}): Gate {
  const { clock, merchants } = deps;
  const isNew = openNonces(deps.store, clock, deps.commits);
  return {
    admit: (request) => {
      const given = parseAuthorization(request.authorization);
      if (given === undefined) throw refuse('the Authorization header is missing or malformed');
      const merchant = merchants.find(given.mchid);
      if (merchant === undefined) throw refuse(`merchant ${given.mchid} is not enrolled`, 'mchid');
      if (given.serial.toUpperCase() !== merchant.certificateSerial) {
        throw refuse('this is not the serial number of the enrolled certificate', 'serial_no');
      }
      const sentMs = /^\d{1,12}$/.test(given.timestamp)
        ? Number.parseInt(given.timestamp, 10) * 1_000
        : Number.NaN;
      // Written so that a time stamp that is no number fails too.
      if (!(Math.abs(clock.nowMs() - sentMs) <= allowedSkewMs)) {
        throw refuse(
          'the time stamp is more than five minutes away from the world clock',
          'timestamp',
        );
      }
      if (given.nonce.length > 64)
        throw refuse('the nonce is longer than 64 characters', 'nonce_str');
      const { timestamp, nonce } = given;
      const { method, url, body } = request;
      const message = requestMessage({ method, url, timestamp, nonce, body });
      if (!verifySignature(message, merchant.publicKey, given.signature)) {
        throw refuse('the signature does not verify with the enrolled public key', 'signature');
      }
      // Last, so that a stranger cannot burn a merchant's nonces.
      if (!isNew(merchant.mchid, nonce, method !== 'GET')) {
        throw refuse('this nonce was used before', 'nonce_str');
      }
      return merchant;
    },
  };
}
