import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type SteerableClock, systemClock } from '@keyturn/kernel';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ContractDraft, createCredentialStore } from '../index.ts';

/** The outside world as a process of its own: the acquirer, the bank, and the people who pay. */
export interface OutsideWorld {
  readonly acquirer: string;
  readonly bank: string;
  /** Where our key files lie. */
  readonly keyDirectory: string;
  /** Calls the admin API and reads its answer; throws with its sentence when it refuses. */
  admin<T extends TSchema>(path: string, schema: T, body?: unknown): Promise<Static<T>>;
  tell(path: string, body: unknown): Promise<void>;
  fault(point: string, kind: string, more?: Readonly<Record<string, unknown>>): Promise<void>;
  clearFaults(): Promise<void>;
  /** Moves the world's clock, and ours with it. */
  advance(clock: SteerableClock, duration: string): Promise<void>;
  enrolAcquirer(terms: AcquirerTerms): Promise<ContractDraft>;
  enrolBank(terms: BankTerms): Promise<ContractDraft>;
  stop(): Promise<void>;
}

export interface AcquirerTerms {
  readonly id: string;
  readonly mchid: string;
  readonly book: string;
  readonly settlesTo: string;
  readonly settlementAccount: string | null;
  readonly notifyUrl: string;
}

export interface BankTerms {
  readonly id: string;
  readonly clientId: string;
  readonly book: string;
  readonly notifyUrl: string;
  readonly accounts: readonly {
    readonly account: string;
    readonly kind: 'escrow_master' | 'reserve' | 'own';
    readonly opening_balance?: number;
  }[];
}

const ReadySchema = Type.Object({
  ready: Type.Literal(true),
  acquirer: Type.String(),
  bank: Type.String(),
  admin: Type.String(),
});
const main = fileURLToPath(new URL('../../../../../sandbox/src/main.ts', import.meta.url));

export async function startOutsideWorld(): Promise<OutsideWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'keyturn-world-'));
  const ports = ['--acquirer-port', '0', '--bank-port', '0', '--admin-port', '0'];
  const child = spawn(process.execPath, [main, '--data', join(directory, 'world'), ...ports], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const addresses = readAddresses(String(line));
  const keyDirectory = join(directory, 'keys');
  const credentials = createCredentialStore(keyDirectory);

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${addresses.admin}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async function admin<T extends TSchema>(path: string, schema: T, body?: unknown) {
    const answer = await call(body === undefined ? 'GET' : 'POST', path, body);
    if (!Value.Check(schema, answer)) throw new Error(`${path} said ${JSON.stringify(answer)}`);
    return answer;
  }

  async function enrolAcquirer(terms: AcquirerTerms): Promise<ContractDraft> {
    const { id, mchid } = terms;
    const made = await credentials.makeCredentials(id, { apiV3Key: true });
    const enrolled = await admin(
      '/acquirer/merchants',
      Type.Object({ platform_certificate_pem: Type.String() }),
      {
        mchid,
        name: 'Keyturn',
        appid: 'wx0000000000000001',
        api_v3_key: made.apiV3Key,
        certificate_serial: made.certificateSerial,
        public_key_pem: made.publicKeyPem,
        fee_bps: 60,
        fee_mode: 'net',
        settlement_account: terms.settlementAccount,
      },
    );
    await credentials.storePeer(id, { pem: enrolled.platform_certificate_pem });
    return {
      ...contractHead(terms),
      adapter: 'wechat_pay_v3',
      settlesTo: terms.settlesTo,
      feeBps: 60,
      config: {
        base_url: addresses.acquirer,
        notify_url: terms.notifyUrl,
        mchid,
        appid: 'wx0000000000000001',
        certificate_serial: made.certificateSerial,
        timeout_ms: 5_000,
      },
    };
  }

  async function enrolBank(terms: BankTerms): Promise<ContractDraft> {
    const { id, clientId: client_id } = terms;
    const made = await credentials.makeCredentials(id);
    const enrolled = await admin(
      '/bank/clients',
      Type.Object({ bank_public_key_pem: Type.String(), ca_pem: Type.String() }),
      {
        client_id,
        name: 'Keyturn',
        public_key_pem: made.publicKeyPem,
        key_id: `${client_id}-1`,
        notify_url: terms.notifyUrl,
      },
    );
    await credentials.storePeer(id, { pem: enrolled.bank_public_key_pem, caPem: enrolled.ca_pem });
    for (const account of terms.accounts) {
      const body = { client_id, name: 'Keyturn', currency: 'CNY', ...account };
      await admin('/bank/accounts', Type.Unknown(), body);
    }
    return {
      ...contractHead(terms),
      adapter: 'escrow_bank_v1',
      settlesTo: null,
      feeBps: 0,
      config: {
        base_url: addresses.bank,
        notify_url: terms.notifyUrl,
        client_id,
        client_name: 'Keyturn',
        bank_code: '999290000018',
        timeout_ms: 5_000,
      },
    };
  }

  return {
    acquirer: addresses.acquirer,
    bank: addresses.bank,
    keyDirectory,
    admin,
    tell: async (path, body) => {
      await call('POST', path, body);
    },
    fault: async (point, kind, more = {}) => {
      await call('POST', '/faults', { point, kind, times: 1, ...more });
    },
    clearFaults: async () => {
      await call('DELETE', '/faults');
    },
    advance: async (clock, duration) => {
      await call('POST', '/clock/advance', { duration });
      clock.advance(Temporal.Duration.from(duration));
    },
    enrolAcquirer,
    enrolBank,
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function readAddresses(line: string): Static<typeof ReadySchema> {
  const value: unknown = JSON.parse(line);
  if (!Value.Check(ReadySchema, value)) throw new Error(`the world said ${line}`);
  return value;
}

function contractHead(terms: { readonly id: string; readonly book: string }) {
  return {
    id: terms.id,
    book: terms.book,
    secretRef: terms.id,
    state: 'enabled',
    effectiveFrom: Temporal.Instant.from('2026-01-01T00:00:00Z'),
    createdBy: 'seed',
    approvedBy: 'seed',
  } as const;
}

/** Resolves with what `look` gives as soon as it gives something. */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Puts our clock where the world's is: both begin at the machine's time. */
export function followWorld(clock: SteerableClock): void {
  clock.set(systemClock.now());
}
