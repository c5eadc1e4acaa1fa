import { randomBytes } from 'node:crypto';
import { UnavailableError } from '@keyturn/pipeline';
import { hash, verify } from '@node-rs/argon2';

/**
 * Makes and checks password hashes: argon2id with 19 MiB and two passes (OWASP), a few at a time.
 */
export interface Passwords {
  /** @throws UnavailableError when too many are waiting */
  hash(password: string): Promise<string>;
  /**
   * Whether the password belongs to the hash. Without a hash the answer is no, after the same work:
   * how long it takes does not tell whether the user exists.
   *
   * @throws UnavailableError when too many are waiting
   */
  verify(kept: string | undefined, password: string): Promise<boolean>;
}

export interface Argon2 {
  hash(password: string, options: typeof cost): Promise<string>;
  verify(kept: string, password: string): Promise<boolean>;
}

const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const maxRunning = 2;
const maxWaiting = 60;

/** @param argon2 how hashes are made and compared; the real one when not given */
export function createPasswords(argon2: Argon2 = { hash, verify }): Passwords {
  const decoy = argon2.hash(randomBytes(32).toString('base64'), cost);
  const waiting: (() => void)[] = [];
  let running = 0;

  /**
   * Hashing is dear on purpose; a flood of log-ins must not take memory and processors from
   * payments.
   */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= maxRunning) {
      if (waiting.length >= maxWaiting) {
        throw new UnavailableError('busy', 'too many passwords are being checked');
      }
      // Whoever ends hands their place over, so that nobody overtakes.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    hash: (password) => inTurn(() => argon2.hash(password, cost)),
    verify: async (kept, password) => {
      const against = kept ?? (await decoy);
      const same = await inTurn(() => argon2.verify(against, password));
      return same && kept !== undefined;
    },
  };
}
