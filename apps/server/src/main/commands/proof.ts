import { bankDate, type Clock } from '@keyturn/kernel';
import type { ProofView } from '../../watch/reconciliation/index.ts';
import { StartError } from '../start/installation.ts';
import { table, yuan } from './output.ts';

/** A day from the command line; the last whole bank day when it is not said. */
export function readDate(text: string | undefined, clock: Clock): Temporal.PlainDate {
  if (text === undefined) return bankDate(clock.now()).subtract({ days: 1 });
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    throw new StartError(`"${text}" is no day. Write it as 2026-11-20.`);
  }
}

/** The day's proof as a table, with what explains each difference. */
export function proofText(proof: ProofView): string {
  const rows = [...proof.accounts, ...proof.channels].map((place) => [
    'account_id' in place ? place.account_id : place.contract_id,
    place.bank === null ? 'no statement' : yuan(place.bank, place.currency),
    yuan(place.ledger, place.currency),
    yuan(place.liabilities, place.currency),
    yuan(place.in_transit, place.currency),
    place.balanced ? 'balanced' : 'NOT BALANCED',
  ]);
  const items = proof.accounts.flatMap((place) =>
    place.items.map((item) => [
      `  ${place.account_id}`,
      item.group,
      item.kind,
      yuan(item.amount, place.currency),
      item.reference,
    ]),
  );
  return [
    `Proof of ${proof.date}, version ${proof.version}: ${proof.balanced ? 'balanced' : 'NOT balanced'}`,
    table([['where', 'bank', 'ledger', 'liabilities', 'in transit', ''], ...rows]),
    ...(items.length === 0 ? [] : ['', 'Explained by', table(items)]),
  ].join('\n');
}
