import type { FastifyRequest } from 'fastify';
import type { World } from '../core/world.ts';
import { type Account, type Accounts, openAccounts } from './accounts.ts';
import { openBankCalendar } from './calendar.ts';
import { type Clients, openClients } from './clients.ts';
import { declareBankFaults } from './fault-points.ts';
import { createGuard, type Guard } from './guard.ts';
import { createIncoming, type Incoming } from './incoming.ts';
import { type BankKeys, openBankKeys } from './keys.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { createNotices, type Notices } from './notices.ts';
import { createPaymentProcess, type PaymentProcess } from './payments/process.ts';
import { openPaymentStore, type PaymentStore } from './payments/store.ts';
import { createSubmission } from './payments/submit.ts';
import { BankRefusal } from './refusals.ts';
import { createStatements, type Statements } from './statements.ts';
import { createBankTables } from './tables.ts';
import { createVirtualAccounts, type VirtualAccounts } from './virtual-accounts.ts';

/** The bank's departments, composed once; both of its faces work with them. */
export interface BankOffice extends World {
  keys: BankKeys;
  clients: Clients;
  accounts: Accounts;
  virtualAccounts: VirtualAccounts;
  ledger: Ledger;
  incoming: Incoming;
  notices: Notices;
  payments: PaymentStore;
  process: PaymentProcess;
  submit: (clientId: string, body: Buffer) => string;
  statements: Statements;
  guard: Guard;
  /** The account when it is the requesting client's, else a BankRefusal. */
  ownAccount(request: FastifyRequest, account: string): Account;
}

export function openBankOffice(world: World): BankOffice {
  createBankTables(world.store);
  declareBankFaults(world.faults);
  const keys = openBankKeys(world.keysDirectory);
  const clients = openClients(world.store);
  const accounts = openAccounts(world.store);
  const ledger = openLedger(world.store, accounts);
  const notices = createNotices({ ...world, keys, clients, accounts, ledger });
  const payments = openPaymentStore(world.store);
  const process = createPaymentProcess({ ...world, accounts, ledger, notices, payments });
  const calendar = openBankCalendar();
  const guard = createGuard({ ...world, clients, keys });
  return {
    ...world,
    keys,
    clients,
    accounts,
    virtualAccounts: createVirtualAccounts({ ...world, accounts }),
    ledger,
    incoming: createIncoming({ ...world, accounts, ledger, clients }),
    notices,
    payments,
    process,
    submit: createSubmission({ ...world, calendar, accounts, notices, payments, process }),
    statements: createStatements({ ...world, accounts, ledger }),
    guard,
    ownAccount: (request, number) => {
      const account = accounts.find(number);
      if (account !== undefined && account.clientId === guard.clientOf(request).clientId) {
        return account;
      }
      throw new BankRefusal(
        'ACCOUNT_UNKNOWN',
        `${number} is no account of yours: check the number`,
      );
    },
  };
}
