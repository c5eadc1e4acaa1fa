import { randomUUID } from 'node:crypto';
import { assert, encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import { createRowSet, type Database, type RowSet } from '@keyturn/pipeline';
import type { CommandContext, CommandRunner } from '../../platform/index.ts';
import { type ChannelsService, nextQueryAt } from '../channels/index.ts';
import { afterClosing, afterOpening, virtualAccountTransitions } from './decide/virtual-account.ts';
import { refuse } from './errors.ts';
import { virtualAccountEvent } from './events.ts';
import {
  claimVirtualAccounts,
  lockVirtualAccounts,
  lockVirtualAccountsOfOwners,
  readVirtualAccount,
  virtualAccountTable,
} from './store.ts';
import type { CustodyAccount, OwnerKind, VirtualAccount } from './types.ts';

interface RequestInput {
  readonly accountId: string;
  readonly ownerKind: OwnerKind;
  readonly ownerId: string;
  readonly name: string;
}

/** What the bank said, as plain data; null while it is not known. */
interface AnswerInput {
  readonly id: string;
  /** The request that was answered: an answer to an earlier one changes nothing. */
  readonly requestId: string;
  readonly result: Partial<Pick<VirtualAccount, 'number'>> &
    Pick<VirtualAccount, 'state' | 'refusal'>;
}

/** `ask` is true when the bank has to be asked now. */
interface Outcome {
  readonly id: string;
  readonly ask: boolean;
}

type Units = { readonly virtualAccounts: RowSet<VirtualAccount> };

const units = (): Units => ({ virtualAccounts: createRowSet(virtualAccountTable) });
/** While the bank is being asked in line, the poller leaves it alone. */
const leaseSeconds = 30;

export interface VirtualAccounts {
  request(input: RequestInput, account: CustodyAccount): Promise<Result<VirtualAccount, Refusal>>;
  close(id: string, accountOf: AccountOf): Promise<Result<VirtualAccount, Refusal>>;
  askAgain(accountOf: AccountOf): Promise<number>;
}

type AccountOf = (id: string) => Promise<CustodyAccount>;

export function createVirtualAccounts(deps: {
  readonly database: Database;
  readonly clock: { now(): Temporal.Instant };
  readonly commands: CommandRunner;
  readonly channels: Pick<ChannelsService, 'bank'>;
}): VirtualAccounts {
  const { database, clock, commands, channels } = deps;
  const requestCommand = commands.define<RequestInput, Units, Outcome>({
    name: 'custody.request_virtual_account',
    units,
    load: async (tx, { virtualAccounts }, calls) => {
      const wanted = new Map(calls.map(({ input }) => [ownerKey(input), input]));
      virtualAccounts.adopt(await lockVirtualAccountsOfOwners(tx, [...wanted.values()]));
    },
    decide: decideRequest,
  });
  const closeCommand = commands.define<{ readonly id: string }, Units, Outcome>({
    name: 'custody.close_virtual_account',
    units,
    load: (tx, unit, calls) => loadById(tx, unit, calls),
    decide: decideClose,
  });
  const answerCommand = commands.define<AnswerInput, Units, Outcome>({
    name: 'custody.settle_virtual_account',
    units,
    load: (tx, unit, calls) => loadById(tx, unit, calls),
    decide: decideAnswer,
  });

  async function read(id: string): Promise<VirtualAccount> {
    const row = await readVirtualAccount(database, id);
    assert(row !== undefined, 'a virtual account that was written is there');
    return row;
  }

  /** Asks the bank about one, with the same request id as before, and writes down what it said. */
  async function ask(row: VirtualAccount, account: CustodyAccount): Promise<VirtualAccount> {
    const input = { id: row.id, requestId: row.requestId, result: await askBank(row, account) };
    const key = `custody.settle_virtual_account:${row.id}/${row.requestId}/${randomUUID()}`;
    const outcome = await answerCommand(key, input);
    assert(outcome.ok, 'an answer of the bank can be written down');
    return read(row.id);
  }

  async function askBank(
    row: VirtualAccount,
    account: CustodyAccount,
  ): Promise<AnswerInput['result']> {
    const { contractId, number: master } = account;
    if (row.state === 'closing') {
      assert(row.number !== null, 'what is being closed has a number');
      const request = { contractId, account: master, number: row.number };
      return afterClosing(await channels.bank.closeVirtualAccount(request));
    }
    const answer = await channels.bank.openVirtualAccount({
      contractId,
      account: master,
      requestId: row.requestId,
      name: row.name,
      reference: `${row.ownerKind} ${row.ownerId}`,
    });
    return afterOpening(answer) ?? { state: 'requested', refusal: null };
  }

  return {
    request: async (input, account) => {
      const key = `custody.request_virtual_account:${ownerKey(input)}/${randomUUID()}`;
      const outcome = await requestCommand(key, input);
      if (!outcome.ok) return outcome;
      const row = await read(outcome.value.id);
      return ok(outcome.value.ask ? await ask(row, account) : row);
    },
    close: async (id, accountOf) => {
      const key = `custody.close_virtual_account:${id}/${randomUUID()}`;
      const outcome = await closeCommand(key, { id });
      if (!outcome.ok) return outcome;
      const row = await read(id);
      return ok(outcome.value.ask ? await ask(row, await accountOf(row.accountId)) : row);
    },
    askAgain: async (accountOf) => {
      const now = clock.now();
      const leaseUntil = now.add({ seconds: leaseSeconds });
      const rows = await claimVirtualAccounts(database, now, leaseUntil, 20);
      await Promise.all(rows.map(async (row) => ask(row, await accountOf(row.accountId))));
      return rows.length;
    },
  };
}

function ownerKey(input: Pick<RequestInput, 'accountId' | 'ownerKind' | 'ownerId'>): string {
  return `${input.accountId}/${input.ownerKind}/${input.ownerId}`;
}

async function loadById(
  tx: Parameters<typeof lockVirtualAccounts>[0],
  { virtualAccounts }: Units,
  calls: readonly { readonly input: { readonly id: string } }[],
): Promise<void> {
  const ids = [...new Set(calls.map(({ input }) => input.id))];
  virtualAccounts.adopt(await lockVirtualAccounts(tx, ids));
}

function newRequestId(id: string): string {
  return `va-${id.replaceAll('-', '')}`;
}

function decideRequest(
  { virtualAccounts }: Units,
  input: RequestInput,
  context: CommandContext,
): Result<Outcome, Refusal> {
  const known = [...virtualAccounts.all()].find((row) => ownerKey(row) === ownerKey(input));
  const dueAt = context.now.add({ seconds: leaseSeconds });
  if (known === undefined) {
    const id = context.newId(input.ownerId);
    virtualAccounts.insert({
      id,
      ...input,
      number: null,
      state: 'requested',
      requestId: newRequestId(id),
      refusal: null,
      requestedAt: context.now,
      openedAt: null,
      closedAt: null,
      tries: 0,
      dueAt,
      events: 0n,
    });
    return ok({ id, ask: true });
  }
  const { id } = known;
  if (!virtualAccountTransitions[known.state].includes('requested')) return ok({ id, ask: false });
  // The bank refused the request before: this is another one, and has another id.
  const requestId = newRequestId(context.newId(input.ownerId));
  virtualAccounts.update(id, { state: 'requested', requestId, refusal: null, tries: 0, dueAt });
  return ok({ id, ask: true });
}

function decideClose(
  { virtualAccounts }: Units,
  { id }: { readonly id: string },
  context: CommandContext,
): Result<Outcome, Refusal> {
  const row = virtualAccounts.get(id);
  const shown = encodeId('vac', id);
  if (row === undefined) {
    return refuse('virtual_account_unknown', { values: { virtual_account: shown } });
  }
  if (row.state === 'closing' || row.state === 'closed') return ok({ id, ask: false });
  if (!virtualAccountTransitions[row.state].includes('closing')) {
    const values = { virtual_account: shown, state: row.state };
    return refuse('virtual_account_not_open', { values });
  }
  const dueAt = context.now.add({ seconds: leaseSeconds });
  virtualAccounts.update(id, { state: 'closing', tries: 0, dueAt });
  return ok({ id, ask: true });
}

function decideAnswer(
  { virtualAccounts }: Units,
  { id, requestId, result }: AnswerInput,
  context: CommandContext,
): Result<Outcome, Refusal> {
  const row = virtualAccounts.get(id);
  assert(row !== undefined, 'the virtual account that the bank was asked about is there');
  if (row.requestId !== requestId) return ok({ id, ask: false });
  if (result.state === row.state) {
    const dueAt = row.dueAt === null ? null : nextQueryAt(context.now, row.tries);
    virtualAccounts.update(id, { refusal: result.refusal, tries: row.tries + 1, dueAt });
    return ok({ id, ask: false });
  }
  // Somebody else's answer came first.
  if (!virtualAccountTransitions[row.state].includes(result.state)) return ok({ id, ask: false });
  const changed = virtualAccounts.update(id, {
    ...result,
    ...(result.state === 'open' ? { openedAt: context.now } : {}),
    ...(result.state === 'closed' ? { closedAt: context.now } : {}),
    dueAt: null,
    events: row.events + 1n,
  });
  context.emit(virtualAccountEvent(changed));
  return ok({ id, ask: false });
}
