import { parseArgs } from 'node:util';
import { createLogger } from './core/logger.ts';
import { createSandbox } from './sandbox.ts';

const usage = `usage: node apps/sandbox/src/main.ts --data DIR [--acquirer-port 7081]
  [--bank-port 7082] [--admin-port 7080] [--old-ledger-port PORT]
  [--host 127.0.0.1] [--stands-at INSTANT]`;

function fail(sentence: string): never {
  process.stderr.write(`${sentence}\n${usage}\n`);
  process.exit(2);
}

function parsePort(name: string, value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number.parseInt(value, 10) : Number.NaN;
  if (!(port >= 0 && port <= 65_535)) fail(`--${name} is a port, 0 to 65535; 0 takes any free one`);
  return port;
}

function parseInstant(value: string | undefined): Temporal.Instant | undefined {
  if (value === undefined) return undefined;
  try {
    return Temporal.Instant.from(value);
  } catch {
    // Not an instant: whoever starts it is told, and it ends.
    return fail('--stands-at is an instant, for example 2026-05-01T09:00:00+08:00');
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        'acquirer-port': { type: 'string', default: '7081' },
        'bank-port': { type: 'string', default: '7082' },
        'admin-port': { type: 'string', default: '7080' },
        'old-ledger-port': { type: 'string' },
        'stands-at': { type: 'string' },
      },
    });
    return values;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

const values = readArguments();
if (values.data === undefined) fail('--data names the directory that keeps the world');
const logger = createLogger((line) => process.stderr.write(line));
const sandbox = await createSandbox({
  data: values.data,
  host: values.host,
  acquirerPort: parsePort('acquirer-port', values['acquirer-port']),
  bankPort: parsePort('bank-port', values['bank-port']),
  adminPort: parsePort('admin-port', values['admin-port']),
  ...(values['old-ledger-port'] === undefined
    ? {}
    : { oldLedgerPort: parsePort('old-ledger-port', values['old-ledger-port']) }),
  standsAt: parseInstant(values['stands-at']),
  logger,
});
process.stdout.write(`${JSON.stringify({ ready: true, ...sandbox.addresses })}\n`);

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    sandbox.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error('the sandbox did not stop cleanly', { error });
        process.exit(1);
      },
    );
  });
}
