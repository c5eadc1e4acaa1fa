import { rare, type TableSize } from './table-size.ts';

const oldSubjects = 60;
const takeovers = 3;

/** A ledger of 12 million movements on 4 million accounts that is moved here. */
export const takeover: Readonly<Record<string, TableSize>> = {
  'takeover.takeover': { atMost: 100, because: 'one per ledger that is left behind' },
  'takeover.plan': { atMost: 1_000, because: 'a version for each time that people change a plan' },
  'takeover.piece': {
    rows: 36_000,
    columns: { takeover_id: takeovers, number: 12_000, imported_at: { distinct: -1 } },
  },
  'takeover.account': {
    rows: 4_000_000,
    columns: {
      takeover_id: takeovers,
      number: -0.9,
      subject: oldSubjects,
      account_id: { distinct: -0.99, nulls: 0.01 },
    },
  },
  'takeover.movement': {
    rows: 12_000_000,
    columns: {
      takeover_id: takeovers,
      id: -0.9,
      position: -0.9,
      account: 4_000_000,
      subject: oldSubjects,
      amount: 1_000_000,
      voucher: { distinct: -0.4, nulls: 0.2 },
      order_no: { distinct: -0.4, nulls: 0.3 },
      kind: 40,
      booked_at: -0.8,
      piece: { distinct: 12_000, nulls: 0.2 },
      state: {
        shares: {
          booked: 0.9787,
          mirrored: 0.02,
          nothing: 0.001,
          waiting: 0.0001,
          unmapped: 0.0001,
          after_switch: 0.00005,
          adopted: 0.00005,
        },
      },
    },
  },
  'takeover.conflict': {
    rows: 20_000,
    columns: { takeover_id: takeovers, id: -0.9, position: -1, account: -0.8 },
  },
  'takeover.subject_pair': {
    atMost: 10_000,
    because: 'one per two subjects that move together, of a chart of some dozen',
  },
  'takeover.comparison': {
    rows: 30_000,
    columns: { takeover_id: takeovers, number: 10_000 },
  },
  'takeover.comparison_subject': {
    rows: 1_800_000,
    columns: { takeover_id: takeovers, number: 10_000, subject: oldSubjects, day: 400 },
  },
  'takeover.difference': {
    rows: 300_000,
    columns: {
      takeover_id: takeovers,
      account: -0.5,
      subject: oldSubjects,
      closed_at: { distinct: -0.9, nulls: 0.001 },
      first_seen: -0.2,
      last_comparison: 10_000,
    },
  },
  'takeover.settlement': { rows: 20_000, columns: { takeover_id: takeovers } },
  'takeover.settlement_item': { rows: 300_000, columns: { settlement_id: 20_000 } },
  'takeover.approval': { rows: 20_000 },
  'takeover.authority': {
    atMost: 2_000,
    because: 'some changes of hands of each of some dozen subjects',
  },
  'takeover.mirror': {
    rows: 8_000_000,
    columns: { takeover_id: takeovers, due_at: rare(-1, 0.0001), booked_at: -0.9 },
  },
  'takeover.mirror_leg': {
    rows: 16_000_000,
    columns: {
      journal_id: -0.5,
      leg: 4,
      takeover_id: takeovers,
      account: 2_000_000,
      subject: oldSubjects,
      position: -0.5,
    },
  },
  'takeover.refund': { rows: 400_000, columns: { takeover_id: takeovers, order_no: -0.9 } },
};
