import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from 'undici';

const main = join(import.meta.dirname, '../../src/main.ts');

export interface Answered {
  status: number;
  body: Record<string, unknown>;
}

/** A sandbox in a process of its own, as everybody else uses it. */
export interface SandboxProcess {
  acquirer: string;
  bank: string;
  admin: string;
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answered>;
  /** Kills it without warning and starts it again on the same data and ports. */
  killAndRestart(): Promise<void>;
  stop(): Promise<number | null>;
}

interface Addresses {
  acquirer: string;
  bank: string;
  admin: string;
}

function readAddresses(line: string): Addresses {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new Error(`not ready: ${line}`);
  const fields = new Map(Object.entries(value));
  if (fields.get('ready') !== true) throw new Error(`not ready: ${line}`);
  const read = (name: string) => String(fields.get(name));
  return { acquirer: read('acquirer'), bank: read('bank'), admin: read('admin') };
}

async function launch(data: string, ports: string[]) {
  const child: ChildProcess = spawn(process.execPath, [main, '--data', data, ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('the sandbox has no stdout');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error('the sandbox ended before it was ready');
  return { child, addresses: readAddresses(first.value) };
}

/** The body as an object; an empty one for answers without content. */
export function parseObject(text: string): Record<string, unknown> {
  if (text === '') return {};
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error(`no JSON object: ${text}`);
  return Object.fromEntries(Object.entries(value));
}

export async function startSandbox(): Promise<SandboxProcess> {
  const data = mkdtempSync(join(tmpdir(), 'keyturn-sandbox-'));
  const anyPorts = ['--acquirer-port', '0', '--bank-port', '0', '--admin-port', '0'];
  let { child, addresses } = await launch(data, anyPorts);
  const port = (address: string) => new URL(address).port;
  const samePorts = [
    ...['--acquirer-port', port(addresses.acquirer), '--bank-port', port(addresses.bank)],
    ...['--admin-port', port(addresses.admin)],
  ];

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (child.exitCode !== null) return child.exitCode;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  return {
    ...addresses,
    call: async (method, path, body) => {
      const answer = await request(`${addresses.admin}${path}`, {
        method,
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      return { status: answer.statusCode, body: parseObject(await answer.body.text()) };
    },
    killAndRestart: async () => {
      await end('SIGKILL');
      ({ child, addresses } = await launch(data, samePorts));
    },
    stop: async () => {
      const code = await end('SIGTERM');
      rmSync(data, { recursive: true, force: true });
      return code;
    },
  };
}
