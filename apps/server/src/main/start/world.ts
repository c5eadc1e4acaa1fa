import { bookId } from '@keyturn/ledger';
import type { ContractDraft } from '../../banks/channels/index.ts';
import type { CustodyAccount } from '../../banks/custody/index.ts';
import type { BookWanted, LegalEntity } from '../../who/parties/index.ts';

/**
 * The small world that a first start arranges: two legal entities, three regimes, an account at
 * the simulated bank for each, and two contracts with the simulated acquirer. A real installation
 * has its own instead.
 */

export const entities: readonly LegalEntity[] = [
  { id: 'kt-pay', name: '钥转支付有限公司', registrationNumber: '91110105MA01A2B3XK' },
  { id: 'kt-escrow', name: '钥转存管服务有限公司', registrationNumber: '91110105MA01C4D5XP' },
];

export const books: readonly BookWanted[] = [
  { legalEntity: 'kt-pay', regime: 'own', currency: 'CNY' },
  { legalEntity: 'kt-pay', regime: 'reserve', currency: 'CNY' },
  { legalEntity: 'kt-escrow', regime: 'escrow', currency: 'CNY' },
];

export const bankClient = { id: 'KT01', name: '钥转支付有限公司', bankCode: '105100000017' };
export const bankContractId = 'bank-escrow';

const bank = {
  contractId: bankContractId,
  bankCode: bankClient.bankCode,
  bankName: '沙箱银行',
  currency: 'CNY',
  state: 'open' as const,
};

export const custodyAccounts: readonly CustodyAccount[] = [
  {
    ...bank,
    id: 'own-main',
    book: bookId('kt-pay', 'own', 'CNY'),
    number: '6225880000000101',
    ledgerCode: 1001,
    name: '钥转支付有限公司自有资金',
  },
  {
    ...bank,
    id: 'reserve-main',
    book: bookId('kt-pay', 'reserve', 'CNY'),
    number: '6225880000000201',
    ledgerCode: 1002,
    name: '钥转支付有限公司客户备付金',
  },
  {
    ...bank,
    id: 'escrow-main',
    book: bookId('kt-escrow', 'escrow', 'CNY'),
    number: '6225880000000301',
    ledgerCode: 1003,
    name: '钥转存管服务有限公司存管资金',
  },
];

/** What the simulated bank calls the kinds of accounts. */
export const bankKinds: Readonly<Record<string, 'own' | 'reserve' | 'escrow_master'>> = {
  'own-main': 'own',
  'reserve-main': 'reserve',
  'escrow-main': 'escrow_master',
};

/** Own funds that the entity has at the bank before the first day, in fen. */
export const openingBalances: Readonly<Record<string, bigint>> = { 'own-main': 100_000_000n };

export interface AcquirerContract {
  readonly id: string;
  readonly mchid: string;
  readonly appid: string;
  readonly book: string;
  readonly settlesTo: string;
}

export const acquirerContracts: readonly AcquirerContract[] = [
  {
    id: 'wx-escrow',
    mchid: '1900000301',
    appid: 'wxkeyturn0000301',
    book: bookId('kt-escrow', 'escrow', 'CNY'),
    settlesTo: 'escrow-main',
  },
  {
    id: 'wx-reserve',
    mchid: '1900000201',
    appid: 'wxkeyturn0000201',
    book: bookId('kt-pay', 'reserve', 'CNY'),
    settlesTo: 'reserve-main',
  },
];

/** What the acquirer charges, basis points. */
export const acquirerFeeBps = 60;

/** The contracts as the platform keeps them. `since` is when they came into force. */
export function contractDrafts(world: {
  readonly acquirerUrl: string;
  readonly bankUrl: string;
  readonly publicUrl: string;
  readonly serials: ReadonlyMap<string, string>;
  readonly since: Temporal.Instant;
}): readonly ContractDraft[] {
  const terms = {
    state: 'enabled' as const,
    effectiveFrom: world.since,
    createdBy: 'seed',
    approvedBy: 'seed',
  };
  const notify = (id: string) => `${world.publicUrl}/v1/notifications/${id}`;
  return [
    ...acquirerContracts.map((contract) => ({
      ...terms,
      id: contract.id,
      adapter: 'wechat_pay_v3' as const,
      book: contract.book,
      settlesTo: contract.settlesTo,
      feeBps: acquirerFeeBps,
      secretRef: contract.id,
      config: {
        base_url: world.acquirerUrl,
        notify_url: notify(contract.id),
        mchid: contract.mchid,
        appid: contract.appid,
        certificate_serial: world.serials.get(contract.id) ?? '',
      },
    })),
    {
      ...terms,
      id: bankContractId,
      adapter: 'escrow_bank_v1' as const,
      book: bookId('kt-escrow', 'escrow', 'CNY'),
      settlesTo: null,
      feeBps: 0,
      secretRef: bankContractId,
      config: {
        base_url: world.bankUrl,
        notify_url: notify(bankContractId),
        client_id: bankClient.id,
        client_name: bankClient.name,
        bank_code: bankClient.bankCode,
      },
    },
  ];
}
