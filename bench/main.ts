import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { benchLedger } from './ledger/bench-ledger.ts';
import { benchPayments } from './payments.ts';

const benches: Readonly<Record<string, Bench>> = {
  payments: benchPayments,
  ledger: benchLedger,
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      large: { type: 'boolean', default: false },
      transfers: { type: 'string', default: '10000000' },
      help: { type: 'boolean', default: false },
    },
  });
  const names = positionals.length === 0 ? Object.keys(benches) : positionals;
  const unknown = names.filter((name) => benches[name] === undefined);
  if (values.help || unknown.length > 0) {
    for (const name of unknown) console.error(`There is no benchmark called ${name}.`);
    console.error(
      `npm run bench -- [${Object.keys(benches).join('|')}] [--json] [--rounds 5] [--seconds 5]\n` +
        'npm run bench -- ledger --large [--transfers 10000000] [--rounds 0]',
    );
    return unknown.length > 0 ? 1 : 0;
  }
  const say = (line: string) => console.error(line);
  const results: Record<string, unknown> = {};
  const ratios: Record<string, number> = {};
  for (const name of names) {
    const result = await benches[name]?.({
      rounds: whole(values.rounds, 'rounds', values.large ? 0 : 1, 1_000),
      seconds: whole(values.seconds, 'seconds', 1, 1_000),
      ...(values.large
        ? { large: whole(values.transfers, 'transfers', 1_000_000, 1_000_000_000) }
        : {}),
      say,
    });
    results[name] = result;
    Object.assign(ratios, result?.ratios);
  }
  if (values.json) console.log(JSON.stringify({ ratios, ...results }));
  else for (const [name, ratio] of Object.entries(ratios)) console.log(`${name}  ${ratio}`);
  return 0;
}

function whole(text: string, name: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new Error(`--${name} is "${text}"; use a whole number from ${least} to ${most}.`);
  }
  return value;
}

process.exitCode = await main();
