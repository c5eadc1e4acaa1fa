import {
  assert,
  decodeCursor,
  encodeId,
  isCurrency,
  ok,
  type Page,
  present,
  type Refusal,
  type Result,
} from '@keyturn/kernel';
import type { AccountSpec } from '@keyturn/ledger';
import type { CustodyAccount } from '../../banks/custody/index.ts';
import { type CommandOutcome, RefusedError } from '../../platform/index.ts';
import { actorsOf, fourEyes, type Principal } from '../../who/access/index.ts';
import { defineCommands, payoutNotFound } from './commands.ts';
import type { PayoutRequest } from './decide/create-payout.ts';
import { refuse } from './errors.ts';
import {
  readOverduePayouts,
  readPayout,
  readPayoutByNumber,
  readPayoutsByState,
  readPayoutsOfReferences,
} from './store.ts';
import type { Payout } from './tables.ts';
import type { NewPayout, PayoutsDeps, PayoutsService } from './types.ts';
import { type PayoutRecord, type PayoutView, payoutRecord, payoutView } from './views.ts';
import { createPayoutWork } from './work.ts';

/** After how long somebody should look; banks pay large amounts on bank days only. */
const patience = { unknown: { minutes: -15 }, transit: { hours: -24 } } as const;

/** Money out: pay-outs with a maker and a checker, from hold to the bank's last word. */
export function createPayoutsService(deps: PayoutsDeps): PayoutsService {
  const commands = defineCommands(deps);
  const work = createPayoutWork(deps, commands);

  /** What a command answered, with those who acted by their names. */
  async function shown(outcome: CommandOutcome<PayoutRecord>): Promise<CommandOutcome<PayoutView>> {
    if (!outcome.ok) return outcome;
    return { ...outcome, value: await named(deps, outcome.value) };
  }

  /** Maker and checker: whoever decides is another than who made it. */
  async function checked(
    id: string,
    by: Principal,
    decide: () => Promise<CommandOutcome<PayoutRecord>>,
  ): Promise<CommandOutcome<PayoutView>> {
    const found = await readPayout(deps.database, id);
    if (!found) return { ...payoutNotFound(id), replayed: false };
    const allowed = fourEyes(found.maker, by);
    return allowed.ok ? shown(await decide()) : { ...allowed, replayed: false };
  }

  return {
    create: async (key, by, payout) => {
      const request = await resolve(deps, by, payout);
      if (!request.ok) return { ...request, replayed: false };
      return shown(await commands.create(key, request.value));
    },
    approve: (key, by, id) =>
      checked(id, by, () => commands.approve(key, { payoutId: id, by: by.id })),
    reject: (key, by, id, reason) =>
      checked(id, by, () => {
        const stop = { kind: 'rejected', reason, by: by.id } as const;
        return commands.stop(key, { payoutId: id, stop });
      }),
    cancel: async (key, by, id) => {
      const found = await readPayout(deps.database, id);
      if (!found || !isVisible(found, by)) return { ...payoutNotFound(id), replayed: false };
      const stop = { kind: 'canceled', reason: 'canceled', by: by.id } as const;
      return shown(await commands.stop(key, { payoutId: id, stop }));
    },
    ...createReading(deps),
    overdue: async () => {
      const now = deps.clock.now();
      const { unknown, transit } = patience;
      return [
        {
          what: 'pay-outs unknown',
          ...(await readOverduePayouts(deps.database, ['submitted', 'unknown'], now.add(unknown))),
        },
        {
          what: 'pay-outs in transit',
          ...(await readOverduePayouts(deps.database, ['in_transit'], now.add(transit))),
        },
      ];
    },
    due: work.due,
    onReturn: async (eventId, receiptId, endToEndId) => {
      const payout = await readPayoutByNumber(deps.database, endToEndId);
      // A return of what was paid at the bank's own portal: reconciliation finds it in suspense.
      if (!payout) return;
      const key = `payouts.return:${eventId}`;
      const outcome = await commands.takeReturn(key, { payoutId: payout.id, receiptId });
      if (!outcome.ok) throw new RefusedError(outcome.error);
    },
    onDebit: async (eventId, debit) => {
      const payout = await readPayoutByNumber(deps.database, debit.endToEndId);
      // A debit of another amount is not this pay-out's: the bank is asked, reconciliation sees the
      // rest.
      if (!payout || payout.amountMinor !== debit.amount || payout.currency !== debit.currency) {
        return;
      }
      const { bankReference, bookedOn: paidOn } = debit;
      const outcome = await commands.answer(`payouts.answer:${eventId}`, {
        payoutId: payout.id,
        answer: { kind: 'paid', bankReference, paidOn },
      });
      if (!outcome.ok) throw new RefusedError(outcome.error);
    },
  };
}

/** Integrators see what they made; to them, others are not there. */
function isVisible(payout: Payout, by: Principal | undefined): boolean {
  return by === undefined || by.kind === 'operator' || payout.maker === by.id;
}

async function named({ database }: PayoutsDeps, payout: PayoutRecord): Promise<PayoutView> {
  return payoutView(payout, await actorsOf(database, [payout.maker, payout.checker]));
}

function createReading(
  deps: PayoutsDeps,
): Pick<PayoutsService, 'payout' | 'byState' | 'ofReferences'> {
  const { database } = deps;
  async function list(
    cursor: string | undefined,
    read: (before: string | undefined) => Promise<Page<Payout>>,
    by?: Principal,
  ): Promise<Result<Page<PayoutView>, Refusal>> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, ['uuid'])?.[0];
    if (cursor !== undefined && before === undefined) {
      return { ok: false, error: { code: 'cursor_invalid', param: 'cursor' } };
    }
    const { items, nextCursor } = await read(before);
    const visible = items.filter((payout) => isVisible(payout, by));
    const who = await actorsOf(
      database,
      visible.flatMap(({ maker, checker }) => [maker, checker]),
    );
    const views = visible.map((payout) => payoutView(payoutRecord(payout), who));
    return ok({ items: views, nextCursor });
  }

  return {
    payout: async (id, by) => {
      const found = await readPayout(database, id);
      if (!found || !isVisible(found, by)) return payoutNotFound(id);
      return ok(await named(deps, payoutRecord(found)));
    },
    byState: (state, page) =>
      list(page.cursor, (before) => readPayoutsByState(database, state, page.limit ?? 20, before)),
    ofReferences: (references, page = {}, by) =>
      list(
        page.cursor,
        (before) => readPayoutsOfReferences(database, references, page.limit ?? 20, before),
        by,
      ),
  };
}

/** Finds the accounts that an outside caller's pay-out is about. */
async function resolve(
  deps: PayoutsDeps,
  by: Principal,
  payout: NewPayout,
): Promise<Result<PayoutRequest, Refusal>> {
  const kind = payout.reference?.kind;
  if (kind !== undefined && deps.reservedReferences.has(kind)) {
    return refuse('payout_reference_reserved', { param: 'reference.kind', values: { kind } });
  }
  const bankAccount = await deps.parties.bankAccount(payout.bankAccountId, by);
  if (!bankAccount.ok) return bankAccount;
  const { source } = payout;
  const foreign = source.kind !== 'suspense' && bankAccount.value.owner_id !== wireOwner(source);
  if (foreign) {
    const values = { bank_account_id: encodeId('bac', payout.bankAccountId) };
    return refuse('payout_payee_foreign', { param: 'bank_account_id', values });
  }
  const custody = await custodyFor(deps, payout);
  if (!custody.ok) return custody;
  return ok({
    source: sourceSpec(source, custody.value),
    custodyAccount: custody.value,
    payee: {
      kind: 'bank_account',
      id: payout.bankAccountId,
      shown: bankAccount.value.number,
    },
    amount: payout.amount,
    purpose: payout.purpose,
    remittance: payout.remittance,
    ...(payout.reference === undefined ? {} : { reference: payout.reference }),
    maker: by.id,
    approval: { kind: 'required' },
  });
}

function wireOwner(source: Exclude<NewPayout['source'], { kind: 'suspense' }>): string {
  return encodeId(source.kind === 'merchant' ? 'mer' : 'per', source.id);
}

function sourceSpec(source: NewPayout['source'], custody: CustodyAccount): AccountSpec {
  const { book } = custody;
  switch (source.kind) {
    case 'merchant':
      return { book, code: 2003, owner: source.id };
    case 'person':
      return { book, code: 2001, owner: source.id };
    case 'suspense':
      return { book, code: 2301, owner: custody.id };
  }
}

/**
 * The account that was named, or the client reserve's: there merchants' and people's money lies.
 */
async function custodyFor(
  { custody }: PayoutsDeps,
  payout: NewPayout,
): Promise<Result<CustodyAccount, Refusal>> {
  const { source, amount } = payout;
  const named = source.kind === 'suspense' ? source.custodyAccountId : payout.custodyAccountId;
  if (named !== undefined) return custody.account(named);
  assert(isCurrency(amount.currency), 'the edge takes known currencies only');
  const able = (await custody.accounts()).filter(
    (account) => account.ledgerCode === 1002 && account.currency === amount.currency,
  );
  if (able.length === 0) {
    const values = { book: 'reserve', account_id: '-' };
    return refuse('payout_book_mismatch', { param: 'custody_account_id', values });
  }
  return ok(present(able[0], 'the account of the client reserve'));
}
