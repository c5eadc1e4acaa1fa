import { setTimeout as wait } from 'node:timers/promises';
import { bankZone, elapsedMs } from '@keyturn/kernel';
import { type Answer, call, DemoError } from './client.ts';

/** The simulated world: its clock, its payers, its bank. Reached by its administration only. */
export interface World {
  now(): Promise<Temporal.ZonedDateTime>;
  /**
   * Moves the world's clock to a moment, if it is not past it already. What the bank and the
   * acquirer are saying is heard first: in time that passes by itself, a notice that found nobody
   * comes again within seconds, and no day ends before it.
   */
  advanceTo(moment: Temporal.ZonedDateTime): Promise<void>;
  /**
   * Moves to the next moment at which the bank makes large payments: a bank day between 9:30 and
   * 15:00.
   */
  advanceToBankHours(): Promise<void>;
  pays(codeUrl: string): Promise<void>;
  transfers(transfer: {
    readonly toAccount: string;
    readonly amount: bigint;
    readonly from: { readonly name: string; readonly account: string };
    readonly remittance: string;
    readonly endToEndId: string;
  }): Promise<void>;
  fault(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** The bank's own figure of an account at the end of a day, in fen. */
  bankBalance(account: string, date: string): Promise<bigint>;
}

/**
 * @param platformUrl the platform that follows the world's clock: moving on waits until it has
 * followed
 */
export function createWorld(admin: string, platformUrl: string): World {
  async function ask(path: string, body?: unknown): Promise<Answer> {
    const answer = await call(
      `${admin}${path}`,
      body === undefined ? {} : { method: 'POST', body },
    );
    if (answer.status >= 400) {
      throw new DemoError(answer.status, `${path}: ${answer.body?.error ?? answer.status}`);
    }
    return answer.body;
  }

  async function now(): Promise<Temporal.ZonedDateTime> {
    const { now: text } = await ask('/clock');
    return Temporal.Instant.from(text).toZonedDateTimeISO(bankZone);
  }

  /** Whatever is due has been sent and was answered, whatever the answer. */
  async function heard(): Promise<true | undefined> {
    const { deliveries } = await ask('/deliveries?state=pending');
    const present = (await now()).epochMilliseconds;
    const isHeard = ({ due_ms, last_answer }: Answer) =>
      last_answer === null ? due_ms > present : last_answer.startsWith('status ');
    return deliveries.every(isHeard) ? true : undefined;
  }

  async function advanceTo(moment: Temporal.ZonedDateTime): Promise<void> {
    await until('the platform hears what the world is saying', heard);
    const present = await now();
    if (Temporal.ZonedDateTime.compare(present, moment) >= 0) return;
    await ask('/clock/set', { now: moment.toInstant().toString() });
    await until('the platform follows the world’s clock', async () => {
      const { body } = await call(`${platformUrl}/health`);
      const theirs = Temporal.Instant.from(body.now);
      return Temporal.Instant.compare(theirs, moment.toInstant()) >= 0 ? true : undefined;
    });
  }

  return {
    now,
    advanceTo,
    advanceToBankHours: async () => {
      let moment = await now();
      while (!isBankHour(moment)) moment = nextHour(moment);
      await advanceTo(moment);
    },
    pays: async (codeUrl) => {
      await ask(`/payer/${encodeURIComponent(codeUrl)}/pay`, {});
    },
    transfers: async ({ toAccount, amount, from, remittance, endToEndId }) => {
      await ask('/bank/transfers', {
        to_account: toAccount,
        amount: JSON.rawJSON(amount.toString()),
        debtor_name: from.name,
        debtor_account: from.account,
        remittance,
        end_to_end_id: endToEndId,
      });
    },
    fault: async (fault) => {
      await ask('/faults', fault);
    },
    bankBalance: async (account, date) => {
      let balance = BigInt((await ask(`/bank/accounts/${account}`)).booked);
      // Back from now to the end of the day: what was booked since then is taken off.
      const today = (await now()).toPlainDate();
      for (let day = Temporal.PlainDate.from(date).add({ days: 1 }); ; day = day.add({ days: 1 })) {
        if (Temporal.PlainDate.compare(day, today) > 0) return balance;
        const { totals } = await ask(`/bank/accounts/${account}/entries?date=${day}&limit=1`);
        balance -= BigInt(totals.net);
      }
    },
  };
}

/**
 * Days on which the bank is closed though they are weekdays are left to the bank: it says when it
 * pays.
 */
function isBankHour(moment: Temporal.ZonedDateTime): boolean {
  const minutes = moment.hour * 60 + moment.minute;
  return moment.dayOfWeek <= 5 && minutes >= 9 * 60 + 30 && minutes <= 15 * 60;
}

function nextHour(moment: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return moment.add({ hours: 1 }).with({ minute: 30, second: 0, millisecond: 0 });
}

/**
 * Looks until something has come about, and moves the world on when it does not come by itself:
 * by `step`, each time after a few real seconds.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  options: {
    readonly world?: World;
    readonly step?: Temporal.DurationLike;
    readonly steps?: number;
  } = {},
): Promise<T> {
  const { world, step, steps = 0 } = options;
  for (let moved = 0; moved <= steps; moved++) {
    const end = elapsedMs() + (step ? 4_000 : 120_000);
    do {
      const found = await look();
      if (found !== undefined) return found;
      await wait(100);
    } while (elapsedMs() < end);
    if (world && step && moved < steps) await world.advanceTo((await world.now()).add(step));
  }
  throw new DemoError(0, `It did not come about: ${what}.`);
}
