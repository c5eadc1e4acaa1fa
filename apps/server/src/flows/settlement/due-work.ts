import { bankDate, bankZone } from '@keyturn/kernel';
import { accountId, balanceOf, readAccounts } from '@keyturn/ledger';
import type { CustodyAccount } from '../../banks/custody/index.ts';
import type { CommandOutcome } from '../../platform/index.ts';
import type { ShareInput } from './commands/share-order.ts';
import { debtAccount, type TopUpInput } from './commands/top-up.ts';
import type { BankCalendar } from './decide/bank-calendar.ts';
import { claimSplits, claimWindows, readTopUpSince } from './store.ts';
import type { SettlementDeps } from './types.ts';

/** How many are taken at a time, and for how long no other process takes them. */
const batch = 100;
const lease = { seconds: 60 };

/** Own money is sent from this time of a bank day on, when the acquirers have settled. */
const topUpTime = Temporal.PlainTime.from('10:30');

export interface DueCommands {
  share(key: string, input: ShareInput): Promise<CommandOutcome<unknown>>;
  settleWindow(key: string, input: { readonly windowId: string }): Promise<CommandOutcome<unknown>>;
  topUp(key: string, input: TopUpInput): Promise<CommandOutcome<unknown>>;
}

/** What settlement does by itself when its time has come. */
export function createDueWork(deps: SettlementDeps, commands: DueCommands, calendar: BankCalendar) {
  const { database, clock, logger } = deps;
  const say = (what: string, outcome: CommandOutcome<unknown>) => {
    if (!outcome.ok) logger.warn({ what, code: outcome.error.code }, 'due settlement was refused');
  };
  return {
    splits: async () => {
      const now = clock.now();
      const due = await claimSplits(database, now, now.add(lease), batch);
      await Promise.all(
        due.map(async ({ orderId, tradeDate, contractId }) => {
          if (tradeDate === null) return;
          const input = { orderId, tradeDate: tradeDate.toString(), contractId };
          const key = `settlement.share_order:${orderId}:${now.epochMilliseconds}`;
          say('share', await commands.share(key, input));
        }),
      );
      return due.length;
    },
    windows: async () => {
      const now = clock.now();
      const due = await claimWindows(database, now, now.add(lease), batch);
      await Promise.all(
        due.map(async (windowId) => {
          const key = `settlement.settle_window:${windowId}:${now.epochMilliseconds}`;
          say('window', await commands.settleWindow(key, { windowId }));
        }),
      );
      return due.length;
    },
    topUps: async () => {
      const now = clock.now();
      const today = bankDate(now);
      const time = now.toZonedDateTimeISO(bankZone).toPlainTime();
      const early = Temporal.PlainTime.compare(time, topUpTime) < 0;
      if (early || !calendar.isBankDay(today)) return 0;
      const wanted = await owedTopUps(deps, today);
      const sent = await Promise.all(
        wanted.map(async (input) => {
          const key = `settlement.top_up:${input.client.book}:${input.bankDate}`;
          const outcome = await commands.topUp(key, input);
          say('top-up', outcome);
          return outcome.ok && !outcome.replayed;
        }),
      );
      // What was refused today is not tried again and again; the next bank day is.
      return sent.filter(Boolean).length;
    },
  };
}

/** The client books that the own book owes fees to and that have not been paid today. */
async function owedTopUps(
  { database, custody }: SettlementDeps,
  today: Temporal.PlainDate,
): Promise<readonly TopUpInput[]> {
  const accounts = await custody.accounts();
  const clients = firstOfBooks(accounts.filter(({ ledgerCode }) => ledgerCode !== 1001));
  const found = await Promise.all(
    clients.map(async (client): Promise<TopUpInput | undefined> => {
      const own = ownAccountFor(accounts, client.book);
      if (!own) return undefined;
      const id = accountId(debtAccount(own.book, client.book));
      const [debt] = await readAccounts(database, [id]);
      if (!debt || balanceOf(debt).available <= 0n) return undefined;
      if (await readTopUpSince(database, own.book, client.book, today)) return undefined;
      return { own: placeOf(own), client: placeOf(client), bankDate: today.toString() };
    }),
  );
  return found.filter((input) => input !== undefined);
}

function placeOf({ id, book, ledgerCode, currency, number }: CustodyAccount): TopUpInput['own'] {
  return { id, book, ledgerCode, currency, number };
}

function firstOfBooks(accounts: readonly CustodyAccount[]): readonly CustodyAccount[] {
  const open = accounts.filter(({ state }) => state === 'open');
  return [...Map.groupBy(open, ({ book }) => book).values()].flatMap((group) => group.slice(0, 1));
}

/**
 * Own funds for a client book: of the same entity when it has some, else of the platform's first.
 */
export function ownAccountFor(
  accounts: readonly CustodyAccount[],
  clientBook: string,
): CustodyAccount | undefined {
  const [entity, , currency] = clientBook.split('/');
  const own = accounts.filter(
    (account) =>
      account.ledgerCode === 1001 && account.currency === currency && account.state === 'open',
  );
  return own.find(({ book }) => book.startsWith(`${entity}/`)) ?? own[0];
}
