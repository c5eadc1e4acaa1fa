import { type LargeTable, rare, type TableSize } from './table-size.ts';
import { takeover } from './takeover-sizes.ts';

export type { LargeTable, SmallTable, Spread, TableSize } from './table-size.ts';

const contracts = 20;
const custodyAccounts = 20;
const books = 40;
/** With those that integrators keep. */
const allBooks = 20_000;
const bankDays = 750;

const ledger: Readonly<Record<string, TableSize>> = {
  'ledger.book': {
    rows: allBooks,
    columns: {
      legal_entity: 6_000,
      regime: 7,
      currency: 40,
      keeper: { distinct: 5_000, nulls: 0.01 },
    },
  },
  'ledger.account_code': { atMost: 100, because: 'the chart of accounts, which is part of it' },
  'ledger.account': { rows: 8_000_000, columns: { book_id: allBooks, code: 27, owner: -0.5 } },
  'ledger.journal': {
    rows: 12_000_000,
    columns: {
      cause_object: -0.3,
      refusal: rare(100, 0.001),
      reverses: rare(-1, 0.002),
      transaction_id: -0.2,
    },
    expressions: { journal_by_object: -0.3 },
  },
  'ledger.seal_key': { atMost: 100, because: 'one per key that ever signed' },
  'ledger.seal': { rows: 1_500_000, columns: { number: -1, key_id: 3 } },
  // All parts as one: how a look-up keeps to its own is shown by the ledger's tests.
  'ledger.transfer_1': {
    rows: 24_000_000,
    columns: {
      journal_id: -0.5,
      leg: 6,
      debit_account: -0.2,
      credit_account: -0.2,
      debit_version: 4_000_000,
      credit_version: 4_000_000,
      recorded_at: -0.3,
      kind: { shares: { posted: 0.8, pending: 0.1, post_pending: 0.09, void_pending: 0.01 } },
      hold_journal: rare(-1, 0.1),
      hold_leg: rare(6, 0.1),
    },
  },
  'ledger.hold_resolution': { rows: 2_400_000, columns: { hold_journal: -0.9, hold_leg: 6 } },
  'ledger.partition': { atMost: 1_000, because: 'one per some million transfers' },
  'ledger.partition_cut': { atMost: 1_000, because: 'one per part' },
  'ledger.partition_move': { atMost: 1_000, because: 'at most some per part' },
  'ledger.partition_opening': { rows: 16_000_000, columns: { account_id: -0.5, number: 20 } },
  'ledger.due_hold': { rows: 300_000, columns: { journal_id: -0.9, leg: 6, expires_at: -0.9 } },
  'ledger.shifted_entry': {
    rows: 2_000_000,
    columns: { account_id: -0.2, journal_id: -0.5, leg: 6, effective_at: -0.1 },
  },
  'ledger.account_metadata': {
    rows: 4_000_000,
    columns: { account_id: -0.3, key: 30, value: -0.4 },
  },
  'ledger.history_import': {
    rows: 50_000,
    columns: { book_id: allBooks, last_at: -0.9 },
  },
};

const platform: Readonly<Record<string, TableSize>> = {
  'platform.migration': { atMost: 200, because: 'one per step of the schema' },
  'platform.consumer': { atMost: 100, because: 'one per consumer that is written in code' },
  'platform.command': { rows: 30_000_000, columns: { key: -1 } },
  'platform.event': {
    rows: 40_000_000,
    columns: { transaction_id: -0.5, seq: -1, object_id: -0.2, object_sequence: 40 },
  },
  'platform.parked_event': {
    rows: 200_000,
    columns: { consumer: 30, event_id: -0.9, due_at: -1, done_at: { distinct: -1, nulls: 0.001 } },
  },
};

const who: Readonly<Record<string, TableSize>> = {
  'parties.legal_entity': { atMost: 50, because: 'the licensed companies that keep the books' },
  'parties.person': { rows: 3_000_000, columns: { created_by: 60 } },
  'parties.merchant': { rows: 200_000, columns: { created_by: 60 } },
  'parties.bank_account': {
    rows: 4_000_000,
    columns: {
      owner_id: -0.8,
      number_fingerprint: -0.95,
      state: { shares: { active: 0.9, disabled: 0.1 } },
    },
  },
  'access.operator': { rows: 20_000 },
  'access.operator_session': {
    rows: 5_000_000,
    columns: { operator_id: 20_000, ended_at: { distinct: -0.9, nulls: 0.01 } },
  },
  'access.login_throttle': { rows: 500_000, columns: { forget_at: -0.9 } },
  'access.integrator': { rows: 10_000 },
  'access.api_key': { rows: 50_000, columns: { integrator_id: 10_000 } },
  'access.audit': {
    rows: 20_000_000,
    columns: { principal_id: { distinct: 20_000, nulls: 0.02 } },
  },
  'access.audit_result': { rows: 20_000_000 },
};

const banks: Readonly<Record<string, TableSize>> = {
  'channels.contract': { atMost: 2_000, because: 'the versions of contracts with banks' },
  'channels.message': {
    rows: 40_000_000,
    columns: { contract_id: contracts, reference: -0.3, at: -0.99 },
  },
  'channels.notification': {
    rows: 8_000_000,
    columns: {
      contract_id: contracts,
      notification_id: -1,
      due_at: -0.9,
      applied_at: { distinct: -0.9, nulls: 0.001 },
    },
  },
  'custody.account': { atMost: 500, because: 'the accounts that we keep at banks' },
  'custody.virtual_account': {
    rows: 2_000_000,
    columns: {
      account_id: custodyAccounts,
      owner_kind: 2,
      owner_id: -0.9,
      due_at: rare(-1, 0.001),
    },
  },
  'custody.receipt': {
    rows: 6_000_000,
    columns: {
      account_id: custodyAccounts,
      bank_reference: -0.95,
      direction: { shares: { credit: 0.6, debit: 0.4 } },
      booked_on: bankDays,
      recorded_at: -0.99,
      state: { shares: { assigned: 0.595, noted: 0.4, booked: 0.005 } },
    },
  },
};

const movement: Readonly<Record<string, TableSize>> = {
  'payments.order': {
    rows: 5_000_000,
    columns: {
      integrator_id: 60,
      reference_id: { distinct: -0.7, nulls: 0.2 },
      due_at: rare(-0.9, 0.005),
      state: {
        shares: {
          succeeded: 0.8,
          expired: 0.1,
          canceled: 0.08,
          requires_payment: 0.01,
          partially_funded: 0.005,
          processing: 0.003,
          requires_action: 0.002,
        },
      },
    },
  },
  'payments.attempt': {
    rows: 7_000_000,
    columns: {
      contract_id: { distinct: contracts, nulls: 0.3 },
      channel_number: { distinct: -1, nulls: 0.4 },
      paid_on: { distinct: bankDays, nulls: 0.4 },
      due_at: rare(-0.9, 0.0005),
      state: {
        shares: {
          succeeded: 0.7,
          closed: 0.2,
          failed: 0.0895,
          late_success: 0.01,
          pending: 0.0003,
          submitted: 0.0001,
          unknown: 0.00005,
          closing: 0.00005,
        },
      },
    },
  },
  'payments.refund': {
    rows: 300_000,
    columns: {
      contract_id: contracts,
      succeeded_on: { distinct: bankDays, nulls: 0.05 },
      submitted_at: { distinct: -0.99, nulls: 0.02 },
      due_at: rare(-0.9, 0.01),
      state: {
        shares: {
          succeeded: 0.95,
          rejected: 0.02,
          failed: 0.01,
          pending: 0.01,
          requested: 0.004,
          approved: 0.003,
          submitted: 0.001,
          unknown: 0.001,
          abnormal: 0.001,
        },
      },
    },
  },
  'payments.applied_receipt': { rows: 1_500_000 },
  'payments.cashier_session': { rows: 6_000_000 },
  'payouts.payout': {
    rows: 3_000_000,
    columns: {
      custody_account_id: custodyAccounts,
      reference_id: { distinct: -0.9, nulls: 0.3 },
      return_receipt_id: rare(-1, 0.01),
      first_submitted_at: { distinct: -0.99, nulls: 0.01 },
      paid_on: { distinct: bankDays, nulls: 0.03 },
      due_at: rare(-0.9, 0.005),
      state: {
        shares: {
          paid: 0.95,
          returned: 0.01,
          canceled: 0.01,
          failed: 0.01,
          in_transit: 0.01,
          submitted: 0.004,
          pending_approval: 0.003,
          approved: 0.001,
          created: 0.001,
          unknown: 0.001,
        },
      },
    },
  },
};

const flows: Readonly<Record<string, TableSize>> = {
  'settlement.split': { rows: 4_000_000, columns: { due_at: rare(-0.9, 0.001) } },
  'settlement.split_leg': { rows: 8_000_000, columns: { split_id: -0.5, receiver: 150_000 } },
  'settlement.settlement_window': {
    rows: 6_000_000,
    columns: {
      merchant_id: 200_000,
      book: books,
      trade_date: bankDays,
      contract_id: { distinct: contracts, nulls: 0.2 },
      due_at: rare(400, 0.01),
    },
  },
  'settlement.channel_settlement': {
    rows: 20_000,
    columns: { contract_id: contracts, trade_date: bankDays },
  },
  'settlement.fee_top_up': {
    rows: 15_000,
    columns: { own_book: 10, client_book: 30, bank_date: bankDays, payout_id: -1, at: -0.99 },
  },
  'escrow.agreement': { rows: 20_000, columns: { name: -0.3, version: 20 } },
  'escrow.deal': {
    rows: 1_000_000,
    columns: {
      integrator_id: 60,
      due_at: rare(-0.9, 0.001),
      state: {
        shares: {
          released: 0.7,
          refunded: 0.12,
          canceled: 0.08,
          funding: 0.04,
          funded: 0.03,
          partly_refunded: 0.01,
          agreed: 0.01,
          draft: 0.004,
          partially_released: 0.002,
          releasing: 0.002,
          refunding: 0.001,
          cancel_requested: 0.001,
        },
      },
    },
  },
  'escrow.item': { rows: 3_000_000, columns: { order_id: { distinct: -1, nulls: 0.2 }, key: 20 } },
  'escrow.funding': { rows: 3_000_000, columns: { position: 20 } },
  'escrow.conversion': { rows: 500_000, columns: { position: 20 } },
  'escrow.evidence': { rows: 3_000_000, columns: { position: 20 } },
  'escrow.release': {
    rows: 2_000_000,
    columns: {
      position: 20,
      state: {
        shares: { done: 0.95, rejected: 0.02, failed: 0.01, moving: 0.01, pending_approval: 0.01 },
      },
    },
  },
  'escrow.leg': {
    rows: 2_500_000,
    columns: { position: 20, refund_id: { distinct: -1, nulls: 0.9 } },
  },
  'escrow.shortfall': { rows: 20_000, columns: { role: 10, reason: 2 } },
  'escrow.timeline_line': { rows: 20_000_000, columns: { deal_id: 1_000_000, position: 200 } },
  'escrow.deal_link': { rows: 2_000_000 },
};

const watch: Readonly<Record<string, TableSize>> = {
  'reconciliation.statement_file': { rows: 50_000, columns: { imported_at: -0.99 } },
  'reconciliation.statement': {
    rows: 100_000,
    columns: {
      ordinal: 20,
      account_id: { distinct: custodyAccounts, nulls: 0.2 },
      day: { distinct: bankDays, nulls: 0.02 },
      imported_at: -0.9,
    },
  },
  'reconciliation.statement_entry': {
    rows: 6_000_000,
    columns: {
      ordinal: 5_000,
      account_id: { distinct: custodyAccounts, nulls: 0.2 },
      bank_reference: { distinct: -0.9, nulls: 0.05 },
      direction: 2,
    },
  },
  'reconciliation.entry_match': {
    rows: 5_000_000,
    columns: {
      account_id: custodyAccounts,
      day: bankDays,
      counterpart_id: { distinct: -0.95, nulls: 0.02 },
    },
  },
  'reconciliation.bill': { rows: 20_000, columns: { contract_id: contracts, day: bankDays } },
  'reconciliation.bill_line': { rows: 5_000_000, columns: { bill_id: 20_000, ordinal: 1_000 } },
  'reconciliation.exception': {
    rows: 200_000,
    columns: {
      key: -1,
      account_id: { distinct: custodyAccounts, nulls: 0.5 },
      contract_id: { distinct: contracts, nulls: 0.5 },
      day: bankDays,
      opened_at: -0.9,
      state: {
        shares: {
          resolved: 0.99,
          open: 0.004,
          assigned: 0.003,
          proposed: 0.001,
          approved: 0.001,
          reopened: 0.001,
        },
      },
    },
  },
  'reconciliation.exception_step': { rows: 900_000, columns: { exception_id: -0.22, sequence: 9 } },
  'reconciliation.proof': { atMost: 10_000, because: 'some per bank day' },
  'reconciliation.proof_line': {
    rows: 100_000,
    columns: { proof_id: 4_000, place: 40, place_kind: 2 },
  },
  'reconciliation.run': { atMost: 4_000, because: 'one per bank day' },
};

/** Every table of the platform; one that is missing here fails the tests. */
export const sizes: Readonly<Record<string, TableSize>> = {
  ...ledger,
  ...takeover,
  ...platform,
  ...who,
  ...banks,
  ...movement,
  ...flows,
  ...watch,
};

export function isLarge(size: TableSize): size is LargeTable {
  return 'rows' in size;
}
