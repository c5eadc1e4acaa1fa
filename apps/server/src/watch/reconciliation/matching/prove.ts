import { hash } from 'node:crypto';
import { bankZone, present } from '@keyturn/kernel';
import { accountCodes, accountId, readBookBalancesAt, readEffectsOnAccount } from '@keyturn/ledger';
import { type Database, toJson } from '@keyturn/pipeline';
import type { Contract } from '../../../banks/channels/index.ts';
import { assetOf, type CustodyAccount } from '../../../banks/custody/index.ts';
import type { FoundDifference } from '../commands/exceptions.ts';
import type { KeepProofInput, ProofLineInput } from '../commands/keep-proof.ts';
import {
  type BookSums,
  createBookSums,
  item,
  liabilitiesLyingAt,
  type PlaceProof,
  type ProofItem,
  provePlace,
  sumOf,
} from '../decide/proof.ts';
import { type Place, readCorrections } from '../store/exceptions.ts';
import { readStatementsInForce } from '../store/files.ts';
import { readEntries } from '../store/matching.ts';
import {
  type Crossing,
  type Cut,
  readChannelSums,
  readCrossings,
  readOpenEntries,
} from '../store/proofs.ts';
import type { ReconciliationDeps } from '../types.ts';
import { contradictionOf } from './match-statement.ts';

/** Days around the cut-off in which the two sides may have seen the same thing. */
const window = 31;

/** The moment at which a bank day is over. */
export function endOf(day: Temporal.PlainDate): Temporal.Instant {
  return day.add({ days: 1 }).toZonedDateTime(bankZone).toInstant();
}

/** The figures of a day, and what nobody can explain of them. */
export async function provenDay(
  deps: ReconciliationDeps,
  day: Temporal.PlainDate,
): Promise<{ readonly proof: KeepProofInput; readonly differences: readonly FoundDifference[] }> {
  const accounts = await deps.custody.accounts();
  const contracts = (await deps.channels.contracts()).filter((c) => c.settlesTo !== null);
  const books = [...new Set([...accounts, ...contracts].map(({ book }) => book))].sort();
  const lines: ProofLineInput[] = [];
  const differences: FoundDifference[] = [];
  for (const book of books) {
    const sums = createBookSums();
    for await (const balance of readBookBalancesAt(deps.database, book, endOf(day)))
      sums.add(balance);
    for (const account of accounts.filter((one) => one.book === book)) {
      const proof = await custodyProof(deps.database, account, day, sums);
      const line = lineOf(book, 'custody', account.id, account.currency, proof);
      lines.push(line);
      differences.push(...differencesOf({ accountId: account.id }, day, line, proof));
    }
    for (const contract of contracts.filter((one) => one.book === book)) {
      const proof = await channelProof(deps.database, contract, day, sums);
      const line = lineOf(book, 'channel', contract.id, currencyOf(book), proof);
      lines.push(line);
      differences.push(...differencesOf({ contractId: contract.id }, day, line, proof));
    }
  }
  const balanced = lines.length > 0 && lines.every((line) => line.balanced);
  const digest = hash('sha256', toJson(lines));
  return { proof: { day: day.toString(), balanced, digest, lines }, differences };
}

/** A book's id says whose it is: `entity/regime/currency`. */
function partsOf(book: string): readonly [string, string, string] {
  const [entity = '', regime = '', currency = ''] = book.split('/');
  return [entity, regime, currency];
}

function currencyOf(book: string): string {
  return partsOf(book)[2];
}

function lineOf(
  book: string,
  placeKind: 'custody' | 'channel',
  place: string,
  currency: string,
  proof: PlaceProof,
): ProofLineInput {
  const [entity, regime] = partsOf(book);
  return {
    place,
    placeKind,
    entity,
    regime,
    book,
    currency,
    bankMinor: proof.bank ?? null,
    ledgerMinor: proof.ledger,
    liabilitiesMinor: proof.liabilities,
    inTransitMinor: proof.inTransit,
    differenceMinor: proof.difference ?? null,
    balanced: proof.balanced,
    items: proof.items,
  };
}

/** What is left when every item is told of: somebody has to find it. */
function differencesOf(
  place: Place,
  day: Temporal.PlainDate,
  line: ProofLineInput,
  proof: PlaceProof,
): readonly FoundDifference[] {
  const inside = proof.ledger - proof.liabilities;
  const amount = proof.remainder !== 0n ? proof.remainder : inside;
  if (amount === 0n) return [];
  const id = 'accountId' in place ? place.accountId : place.contractId;
  return [
    {
      key: `proof_difference/${id}/${day}/${proof.remainder}/${inside}`,
      kind: 'proof_difference',
      ...place,
      book: line.book,
      day: day.toString(),
      subject: `proof of ${day}`,
      amount_minor: amount,
      currency: line.currency,
      evidence: {
        bank_minor: proof.bank ?? null,
        ledger_minor: proof.ledger,
        liabilities_minor: proof.liabilities,
        in_transit_minor: proof.inTransit,
        remainder_minor: proof.remainder,
      },
    },
  ];
}

async function custodyProof(
  database: Database,
  account: CustodyAccount,
  day: Temporal.PlainDate,
  sums: BookSums,
): Promise<PlaceProof> {
  const from = day.subtract({ days: window });
  const to = day.add({ days: window });
  const statements = await readStatementsInForce(database, account.id, from, to);
  const ofDay = statements.filter((statement) => statement.day?.equals(day));
  const closing = ofDay.at(-1)?.closingMinor ?? null;
  const proven = statements.flatMap(({ day: on }) =>
    on && Temporal.PlainDate.compare(on, day) <= 0 ? [on] : [],
  );
  const cut: Cut = {
    accountId: account.id,
    from,
    to,
    day,
    end: endOf(day),
    statementIds: statements.map(({ id }) => id),
    provenDays: proven,
  };
  const rows = await readEntries(
    database,
    ofDay.map(({ id }) => id),
  );
  const crossings = (await readCrossings(database, cut)).map((one) => crossingItem(one, cut));
  const open = await readOpenEntries(database, cut);
  return provePlace({
    bank: closing ?? undefined,
    contradiction: contradictionOf(ofDay, rows) ?? 0n,
    ledger: ledgerOf(sums, account),
    liabilities: liabilitiesLyingAt(sums.sums.values(), {
      code: account.ledgerCode,
      owner: account.id,
    }),
    inTransit: [
      ...crossings.filter(({ group }) => group === 'in_transit'),
      ...(await corrections(database, account, cut)),
    ],
    unexplained: [
      ...crossings.filter(({ group }) => group === 'unexplained'),
      ...open.map(({ reference, amount, exceptionKind }) =>
        item('unexplained', 'entry_unexplained', `${exceptionKind}: ${reference}`, amount),
      ),
    ],
  });
}

/** The place's own account. */
function ledgerOf(sums: BookSums, account: CustodyAccount): bigint {
  const own = sums.sums.get(`${account.ledgerCode}/${account.id}`);
  return (own?.debits ?? 0n) - (own?.credits ?? 0n);
}

/** What the bank has by the day, less what the ledger has by its end. */
function crossingItem(crossing: Crossing, cut: Cut): ProofItem {
  const { reference, amount, bankDay, bookedAt } = crossing;
  const atBank = bankDay !== null && Temporal.PlainDate.compare(bankDay, cut.day) <= 0;
  const isCredit = crossing.kind === 'receipt';
  if (atBank) {
    const late = bookedAt === null || Temporal.Instant.compare(bookedAt, cut.end) >= 0;
    const kind = isCredit ? 'received_booked_later' : 'paid_booked_later';
    return item('in_transit', kind, reference, late ? amount : 0n);
  }
  const later =
    bankDay !== null ||
    (crossing.saidOn !== null && Temporal.PlainDate.compare(crossing.saidOn, cut.day) > 0);
  if (!later) return item('unexplained', 'missing_at_bank', reference, -amount);
  const kind = isCredit ? 'received_dated_later' : 'paid_dated_later';
  return item('in_transit', kind, reference, -amount);
}

/** Journals that resolved exceptions of the day or before it, and were booked after its end. */
async function corrections(
  database: Database,
  account: CustodyAccount,
  cut: Cut,
): Promise<readonly ProofItem[]> {
  const resolved = await readCorrections(database, account.id, cut.from, cut.day);
  const ids = [...new Set(resolved.map(({ journalId }) => journalId))];
  const asset = accountId(assetOf(account));
  const effects = await readEffectsOnAccount(database, asset, ids);
  const subjects = new Map(resolved.map(({ journalId, subject }) => [journalId, subject]));
  return effects.flatMap(({ journalId, recordedAt, amount }) => {
    if (Temporal.Instant.compare(recordedAt, cut.end) < 0) return [];
    const subject = present(subjects.get(journalId), 'the exception of a correction');
    return [item('in_transit', 'corrected_later', subject, amount)];
  });
}

/**
 * Money at an acquirer: the ledger's receivable beside what payments and settlement know of what
 * the acquirer has not paid yet. The acquirer's own figure comes with its bill, which is compared
 * trade by trade.
 */
async function channelProof(
  database: Database,
  contract: Contract,
  day: Temporal.PlainDate,
  sums: BookSums,
): Promise<PlaceProof> {
  const own = sums.sums.get(`${accountCodes.channelReceivable}/${contract.id}`);
  const ledger = (own?.debits ?? 0n) - (own?.credits ?? 0n);
  const known = await readChannelSums(database, contract.id, endOf(day), window);
  const since = known.settledTo === null ? 'all' : `after ${known.settledTo}`;
  const items = [
    item('channel', 'payments_unsettled', since, known.paid),
    item('channel', 'refunds_unsettled', since, -known.refunded),
    item('channel', 'owed_by_channel', contract.id, known.owed),
  ].filter(({ amount }) => amount !== 0n);
  const expected = sumOf(items);
  const difference = expected - ledger;
  const remainder =
    difference === 0n ? [] : [item('unexplained', 'remainder', contract.id, difference)];
  return {
    bank: expected,
    ledger,
    liabilities: ledger,
    inTransit: 0n,
    difference,
    remainder: difference,
    balanced: difference === 0n,
    items: [...items, ...remainder],
  };
}
