import { randomBytes } from 'node:crypto';

/**
 * Whether the entries of every account are one chain, without sorting them: an entry leads from one
 * state of an account (its book, version and four counters) to the next, and what is left from
 * must be what was reached before. So the states that were reached (zero included), added up, are
 * the states that were left (the account as it stands included), added up — as random numbers that
 * follow from each state and from a seed that is drawn for each check. One path through all entries
 * of an account, from zero to where it stands, is the only way in which all of them agree.
 *
 * Sums of 64 bits can be made to agree by whoever knows the seed, and by chance once in 2^64. They
 * say that there is nothing to look for; what there is to be found, exact rules find.
 */
export interface StateSums {
  /** Takes in what transfers moved, as `movementColumns` gives it. */
  move(moved: Moved): void;
  /** Takes in from where accounts began and where they stand, as `standingSql` writes them. */
  stand(accounts: Buffer): void;
  /** The first bytes of the ids of accounts whose states do not agree. */
  broken(): readonly number[];
}

/** What transfers moved, one behind the other; null where there is none. */
export interface Moved {
  /** By transfers that hold nothing, between accounts that hold nothing: the short form. */
  readonly plain: Buffer | null;
  /** By all others. */
  readonly others: Buffer | null;
}

/** Bytes of an account's state: its id, its version, its counters; without those of holds. */
const stateBytes = 56;
const plainStateBytes = 40;
const plainBytes = 2 * plainStateBytes + 16;
const otherBytes = 2 * stateBytes + 24;
/** An account's version and counters, without its id. */
const countedBytes = 40;
const standingBytes = stateBytes + countedBytes + 8;
/** A state in words of 32 bits, its book in front of it. */
const stateWords = 2 + stateBytes / 4;

/** Where the counters lie in a state, in words. */
const version = 6;
const debitsPosted = 8;
const creditsPosted = 10;
const debitsPending = 12;
const creditsPending = 14;

export function createStateSums(): StateSums {
  const sums = new Int32Array(2 * 256);
  const state = new Int32Array(stateWords);
  const add = createAdder(sums, state);
  const { load, subtract, stepBack } = arithmeticOf(state);

  const plainEntry = (bytes: DataView, at: number, amount: number, posted: number) => {
    load(bytes, at, plainStateBytes, amount + 8);
    add(1);
    stepBack();
    subtract(posted, bytes, amount);
    add(-1);
  };
  const entry = (bytes: DataView, at: number, amounts: number, posted: number, held: number) => {
    load(bytes, at, stateBytes, amounts + 16);
    add(1);
    stepBack();
    subtract(posted, bytes, amounts);
    subtract(held, bytes, amounts + 8);
    add(-1);
  };

  return {
    move: ({ plain, others }) => {
      if (plain) {
        const bytes = viewOf(plain);
        for (let at = 0; at < plain.length; at += plainBytes) {
          const amount = at + 2 * plainStateBytes;
          plainEntry(bytes, at, amount, debitsPosted);
          plainEntry(bytes, at + plainStateBytes, amount, creditsPosted);
        }
      }
      if (others) {
        const bytes = viewOf(others);
        for (let at = 0; at < others.length; at += otherBytes) {
          const amounts = at + 2 * stateBytes;
          entry(bytes, at, amounts, debitsPosted, debitsPending);
          entry(bytes, at + stateBytes, amounts, creditsPosted, creditsPending);
        }
      }
    },
    stand: (accounts) => {
      const bytes = viewOf(accounts);
      for (let at = 0; at < accounts.length; at += standingBytes) {
        load(bytes, at, stateBytes, at + stateBytes + countedBytes);
        add(-1);
        for (let word = version; word < stateWords; word++) {
          state[word] = bytes.getInt32(at + stateBytes + 4 * (word - version));
        }
        add(1);
      }
    },
    broken: () =>
      Array.from({ length: 256 }, (_, bucket) => bucket).filter(
        (bucket) => sums[2 * bucket] !== 0 || sums[2 * bucket + 1] !== 0,
      ),
  };
}

/** Reads a state, and steps back from it to the one before. */
function arithmeticOf(state: Int32Array) {
  /** Reads a state of so many bytes: counters that are not said are zero. */
  const load = (bytes: DataView, at: number, length: number, book: number) => {
    state[0] = bytes.getInt32(book);
    state[1] = bytes.getInt32(book + 4);
    const end = 2 + length / 4;
    for (let word = 2; word < end; word++) state[word] = bytes.getInt32(at + 4 * (word - 2));
    for (let word = end; word < stateWords; word++) state[word] = 0;
  };
  /** Takes a number of 64 bits off one of the state's. */
  const subtract = (word: number, bytes: DataView, at: number) => {
    const low = bytes.getInt32(at + 4);
    const before = state[word + 1] ?? 0;
    const borrow = before >>> 0 < low >>> 0 ? 1 : 0;
    state[word + 1] = before - low;
    state[word] = (state[word] ?? 0) - bytes.getInt32(at) - borrow;
  };
  /** The version before the one that is loaded. */
  const stepBack = () => {
    const low = state[version + 1] ?? 0;
    state[version + 1] = low - 1;
    if (low === 0) state[version] = (state[version] ?? 0) - 1;
  };
  return { load, subtract, stepBack };
}

/**
 * Adds the random number of the state, or takes it off, in two halves of 32 bits each with keys of
 * its own. Apart by the first byte of the account's id, so that what is broken is found among few.
 */
function createAdder(sums: Int32Array, state: Int32Array): (sign: 1 | -1) => void {
  const seed = randomBytes(4 * 2 * (stateWords + 1));
  const keys = Int32Array.from({ length: seed.length / 4 }, (_, index) =>
    seed.readInt32LE(4 * index),
  );
  return (sign) => {
    const bucket = 2 * ((state[2] ?? 0) >>> 24);
    let one = keys[0] ?? 0;
    let other = keys[1] ?? 0;
    for (let word = 0; word < stateWords; word++) {
      const value = state[word] ?? 0;
      one = Math.imul(one ^ Math.imul(value ^ (keys[2 * word + 2] ?? 0), 0x9e3779b1), 0x85ebca6b);
      one ^= one >>> 15;
      other = Math.imul(
        other ^ Math.imul(value ^ (keys[2 * word + 3] ?? 0), 0xc2b2ae35),
        0x27d4eb2f,
      );
      other ^= other >>> 13;
    }
    sums[bucket] = (sums[bucket] ?? 0) + sign * Math.imul(one ^ (one >>> 16), 0x2c1b3c6d);
    sums[bucket + 1] =
      (sums[bucket + 1] ?? 0) + sign * Math.imul(other ^ (other >>> 16), 0x297a2d39);
  };
}

const plainStateSql = (side: string) => `uuid_send(t.${side}_account)
  || (int8send(t.${side}_version)
  || (int8send(t.${side}_debits_posted) || int8send(t.${side}_credits_posted)))`;

const stateSql = (side: string) => `(${plainStateSql(side)})
  || (int8send(coalesce(t.${side}_debits_pending, 0))
  || int8send(coalesce(t.${side}_credits_pending, 0)))`;

const bookSql = 'int8send(hashtextextended(j.book_id, 0))';

/** Both accounts with their versions and counters after it, the amount, the journal's book. */
const plainSql = `(${plainStateSql('debit')}) || ((${plainStateSql('credit')})
  || (int8send(t.amount) || ${bookSql}))`;

/** The same with what is held: what it posted, what it held (less than nothing to resolve it). */
const otherSql = `(${stateSql('debit')}) || ((${stateSql('credit')})
  || ((int8send(case when t.kind in ('posted', 'post_pending') then t.amount else 0 end)
    || int8send(case when t.kind = 'pending' then t.amount else -coalesce(t.held, 0) end))
  || ${bookSql}))`;

/**
 * What a transfer did, in 96 bytes where nothing is held, in 136 bytes otherwise. Null for a
 * journal without transfers.
 */
export const movementSql = `case when t.kind = 'posted' and t.hold_journal is null
    and t.debit_debits_pending is null and t.debit_credits_pending is null
    and t.credit_debits_pending is null and t.credit_credits_pending is null
  then ${plainSql} else ${otherSql} end`;

/** The aggregates that make up `Moved`, of the rows' `movement`. */
export const movementColumns = `
  string_agg(r.movement, ''::bytea) filter (where length(r.movement) = ${plainBytes}) as plain,
  string_agg(r.movement, ''::bytea) filter (where length(r.movement) = ${otherBytes}) as others`;

/**
 * Where an account `a` stands and where it began, `o` (null for zero), in 104 bytes: id, version,
 * counters; version and counters; book.
 *
 * @param book an expression: the account's book
 */
export const standingSql = (book: string) => `uuid_send(a.id) || (${countedSql('a')}
  || (${countedSql('o')} || int8send(hashtextextended(${book}, 0))))`;

const countedSql = (of: string) => `(int8send(coalesce(${of}.version, 0))
  || ((int8send(coalesce(${of}.debits_posted, 0)) || int8send(coalesce(${of}.credits_posted, 0)))
  || (int8send(coalesce(${of}.debits_pending, 0))
  || int8send(coalesce(${of}.credits_pending, 0)))))`;

function viewOf(buffer: Buffer): DataView {
  return new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
