import { createPublicKey, type KeyObject } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../core/refusal.ts';
import { optionalText, type Row, text } from '../core/store.ts';

/** A corporate client: who may speak to the bank, with which key, and where it is notified. */
export interface Client {
  clientId: string;
  name: string;
  publicKey: KeyObject;
  publicKeyPem: string;
  /** How the client calls its key; undefined when it did not say. */
  keyId: string | undefined;
  notifyUrl: string | undefined;
}

export interface Clients {
  find(clientId: string): Client | undefined;
  upsert(client: Omit<Client, 'publicKey'>): void;
  /** Remembers a nonce; false when the client used it within the last ten minutes. */
  useNonce(clientId: string, nonce: string, nowMs: number): boolean;
}

const nonceMemoryMs = 10 * 60_000;

/** Reads an RSA public key of at least 2048 bits; throws a Refusal that says what is wrong. */
export function readPublicKey(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new Refusal(400, 'public_key_pem is no PEM public key: give an RSA key in SPKI format');
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) {
    throw new Refusal(400, 'public_key_pem is no RSA key of 2048 bits or more: make a longer one');
  }
  return key;
}

function parseClient(row: Row): Client {
  const publicKeyPem = text(row, 'public_key_pem');
  return {
    clientId: text(row, 'client_id'),
    name: text(row, 'name'),
    publicKeyPem,
    publicKey: createPublicKey(publicKeyPem),
    keyId: optionalText(row, 'key_id'),
    notifyUrl: optionalText(row, 'notify_url'),
  };
}

export function openClients(store: DatabaseSync): Clients {
  const select = store.prepare('select * from bank_client where client_id = ?');
  const upsert = store.prepare(`insert into bank_client
    (client_id, name, public_key_pem, key_id, notify_url) values (?, ?, ?, ?, ?)
    on conflict (client_id) do update set name = excluded.name,
    public_key_pem = excluded.public_key_pem, key_id = excluded.key_id,
    notify_url = excluded.notify_url`);
  const forget = store.prepare('delete from bank_nonce where seen_ms < ?');
  const remember = store.prepare(
    'insert or ignore into bank_nonce (client_id, nonce, seen_ms) values (?, ?, ?)',
  );
  // Reading a PEM costs more than checking a signature with it.
  const known = new Map<string, Client>();
  return {
    find: (clientId) => {
      const cached = known.get(clientId);
      if (cached !== undefined) return cached;
      const row = select.get(clientId);
      if (row === undefined) return undefined;
      const client = parseClient(row);
      known.set(clientId, client);
      return client;
    },
    upsert: ({ clientId, name, publicKeyPem, keyId, notifyUrl }) => {
      upsert.run(clientId, name, publicKeyPem, keyId ?? null, notifyUrl ?? null);
      known.delete(clientId);
    },
    useNonce: (clientId, nonce, nowMs) => {
      forget.run(nowMs - nonceMemoryMs);
      return Number(remember.run(clientId, nonce, nowMs).changes) === 1;
    },
  };
}
