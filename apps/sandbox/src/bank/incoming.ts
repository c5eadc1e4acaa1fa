import type { DatabaseSync } from 'node:sqlite';
import type { WorldClock } from '../core/clock.ts';
import { Refusal } from '../core/refusal.ts';
import { text, transact } from '../core/store.ts';
import type { Accounts, Destination } from './accounts.ts';
import type { Clients } from './clients.ts';
import { maxFen } from './fen.ts';
import type { EntryDraft, Ledger } from './ledger.ts';

/** Money that arrives from outside. */
export interface Transfer {
  /** An account of the bank, or a virtual number below one. */
  account: string;
  /** Fen, positive. */
  amount: bigint;
  debtorName: string;
  /** Left out when the sender has no account to name. */
  debtorAccount?: string;
  remittance: string;
  /** With one, the same transfer again is the same booking. */
  endToEndId?: string;
}

export interface Incoming {
  /**
   * Credits a transfer and queues its notification, joining the transaction that is open, if one
   * is. Throws a Refusal for an account that the bank does not have, and for an end-to-end id that
   * the same sender used for another transfer.
   */
  credit(transfer: Transfer, at?: Temporal.Instant): { bankReference: string };
}

/** What ISO 20022 writes where the sender gave no id. */
const notProvided = 'NOTPROVIDED';

function draftOf(transfer: Transfer, destination: Destination, ownerName: string): EntryDraft {
  const { account, virtualAccount, unusable } = destination;
  const { remittance, endToEndId } = transfer;
  return {
    account: account.account,
    virtualAccount: virtualAccount?.number,
    kind: 'incoming',
    amount: transfer.amount,
    endToEndId: endToEndId === notProvided ? undefined : endToEndId,
    messageId: undefined,
    paymentInformationId: undefined,
    instructionId: undefined,
    debtorName: transfer.debtorName,
    debtorAccount: transfer.debtorAccount ?? notProvided,
    creditorName: ownerName,
    creditorAccount: account.account,
    creditorAgent: undefined,
    remittance: unusable === undefined ? remittance : `${unusable} ${remittance}`.trim(),
    returnReason: undefined,
    originalReference: undefined,
  };
}

export function createIncoming(deps: {
  store: DatabaseSync;
  clock: WorldClock;
  accounts: Accounts;
  ledger: Ledger;
  clients: Clients;
}): Incoming {
  const { store, clock, accounts, ledger, clients } = deps;
  const find = store.prepare(`select content, bank_reference from bank_incoming
    where end_to_end_id = ? and debtor_account = ?`);
  const remember = store.prepare('insert into bank_incoming values (?, ?, ?, ?)');

  function book(transfer: Transfer, at: Temporal.Instant): string {
    const destination = accounts.destination(transfer.account);
    if (destination === undefined) {
      throw new Refusal(404, `the bank has no account ${transfer.account}: open it first`);
    }
    const owner = clients.find(destination.account.clientId)?.name ?? destination.account.name;
    return ledger.book(draftOf(transfer, destination, owner), at).bankReference;
  }

  function credit(transfer: Transfer, at: Temporal.Instant): { bankReference: string } {
    const { account, amount, debtorName, debtorAccount = '', remittance, endToEndId } = transfer;
    if (amount <= 0n || amount > maxFen) {
      throw new Refusal(400, `amount ${amount} is not bookable: give 1 to ${maxFen} fen`);
    }
    if (endToEndId === undefined || endToEndId === notProvided) {
      return { bankReference: book(transfer, at) };
    }
    const content = JSON.stringify([account, String(amount), debtorName, remittance]);
    const earlier = find.get(endToEndId, debtorAccount);
    if (earlier !== undefined) {
      if (text(earlier, 'content') === content) {
        return { bankReference: text(earlier, 'bank_reference') };
      }
      throw new Refusal(
        409,
        `${endToEndId} was used by this sender for another transfer: give a new end_to_end_id`,
      );
    }
    const bankReference = book(transfer, at);
    remember.run(endToEndId, debtorAccount, content, bankReference);
    return { bankReference };
  }

  return {
    credit: (transfer, at = clock.now()) => transact(store, () => credit(transfer, at)),
  };
}
