import { randomUUID } from 'node:crypto';
import type { WorldClock } from '../core/clock.ts';
import type { Deliver, Signer } from '../core/deliver.ts';
import type { Fault, Faults } from '../core/faults.ts';
import type { Accounts } from './accounts.ts';
import type { Clients } from './clients.ts';
import { faultInteger } from './fault-points.ts';
import type { BankKeys } from './keys.ts';
import type { Entry, Ledger } from './ledger.ts';
import { requestText, signText } from './signatures.ts';
import { notificationId, writeCamt054 } from './xml/camt054.ts';

const channel = 'bank';

export interface Notices {
  /** The fault that the next notification about this subject shall have. */
  takeFault(clientId: string, subject: NoticeSubject): Fault | undefined;
  /** Decides the fault of the notification that the entry booked inside of `work` queues. */
  withFault<T>(fault: Fault | undefined, work: () => T): T;
  /** Sends now what was queued to be early, so that it arrives before the answer of its cause. */
  sendEarly(): Promise<void>;
}

/** What a rule for `bank.notify` can match: the entry that is notified. */
export type NoticeSubject = Pick<Entry, 'account' | 'kind' | 'endToEndId' | 'virtualAccount'>;

/** Signs each attempt afresh, so that its time stamp is the present. */
function createSigner(clock: WorldClock, keys: BankKeys): Signer {
  return (message, badSignature) => {
    const { pathname, search } = new URL(message.url);
    const timestamp = String(Math.floor(clock.nowMs() / 1_000));
    const nonce = randomUUID();
    const { body } = message;
    const path = pathname + search;
    const text = requestText({ method: 'POST', path, timestamp, nonce, body });
    return {
      'content-type': 'application/xml; charset=utf-8',
      'x-bank-client': message.context['client_id'] ?? '',
      'x-bank-timestamp': timestamp,
      'x-bank-nonce': nonce,
      'x-bank-key': keys.keyId,
      'x-bank-signature': signText(keys.signingKey, badSignature ? `${text}forged` : text),
    };
  };
}

/** The entry as its notification tells it: a fault may change the amount, in the same direction. */
function toldEntry(entry: Entry, fault: Fault | undefined): Entry {
  if (fault?.kind !== 'change_amount') return entry;
  const by = BigInt(faultInteger(fault, 'by', 1));
  return { ...entry, amount: entry.amount + (entry.amount < 0n ? -by : by) };
}

/** Queues a camt.054 for each entry, in the transaction that books it; signs it when it goes. */
export function createNotices(deps: {
  clock: WorldClock;
  deliver: Deliver;
  faults: Faults;
  keys: BankKeys;
  clients: Clients;
  accounts: Accounts;
  ledger: Ledger;
}): Notices {
  const { clock, deliver, faults, keys, clients, accounts, ledger } = deps;
  let decided: { fault: Fault | undefined } | undefined;
  let early: number[] = [];

  deliver.signer(channel, createSigner(clock, keys));

  function takeFault(clientId: string, subject: NoticeSubject): Fault | undefined {
    return faults.take('bank.notify', {
      client_id: clientId,
      account: subject.account,
      kind: subject.kind,
      end_to_end_id: subject.endToEndId ?? '',
      virtual_account: subject.virtualAccount ?? '',
    });
  }

  ledger.onBooked((entry) => {
    const account = accounts.find(entry.account);
    const client = clients.find(account?.clientId ?? '');
    if (account === undefined || client?.notifyUrl === undefined) return;
    const { clientId, notifyUrl } = client;
    const fault = decided === undefined ? takeFault(clientId, entry) : decided.fault;
    if (fault?.kind === 'drop') return;
    const id = deliver.send(
      {
        channel,
        url: notifyUrl,
        body: writeCamt054({ ...account, ownerName: client.name }, toldEntry(entry, fault)),
        context: { client_id: clientId, message_id: notificationId(entry) },
      },
      {
        delayMs: fault?.kind === 'delay' ? (fault.delay_ms ?? 0) : 0,
        badSignature: fault?.kind === 'bad_signature',
        duplicate: fault?.kind === 'duplicate',
      },
    );
    if (fault?.kind === 'early') early.push(id);
  });

  return {
    takeFault,
    withFault: (fault, work) => {
      const before = decided;
      decided = { fault };
      try {
        return work();
      } finally {
        decided = before;
      }
    },
    sendEarly: async () => {
      const ids = early;
      early = [];
      await Promise.all(ids.map((id) => deliver.attemptNow(id)));
    },
  };
}
