import { ok, type Refusal, type Result } from '@keyturn/kernel';
import type { AccountSpec } from '@keyturn/ledger';
import type { Contract } from '../../banks/channels/index.ts';
import type { Command, CommandOutcome } from '../../platform/index.ts';
import type { Principal } from '../../who/access/index.ts';
import type { OrderRequest } from './decide/create-order.ts';
import { refuse } from './errors.ts';
import type { NewOrder, PaymentsDeps } from './types.ts';
import type { OrderView } from './views.ts';

/** Where the money of an outside caller's order goes, and by what it can come. */
interface Routing {
  readonly destination: AccountSpec;
  readonly contractId?: string;
  readonly custodyAccountId?: string;
}

/** The regime of a book: `kt-pay/reserve/CNY`. */
function regimeOf(book: string): string | undefined {
  return book.split('/')[1];
}

/**
 * Makes orders for outside callers: finds the book, the contract and the account that fit the
 * request.
 */
export function createOrderMaker(
  deps: PaymentsDeps,
  command: Command<OrderRequest, OrderView>,
): (key: string, by: Principal, order: NewOrder) => Promise<CommandOutcome<OrderView>> {
  return async (key, by, order) => {
    const kind = order.reference?.kind;
    if (kind !== undefined && deps.reservedReferences.has(kind)) {
      const refusal = refuse('order_reference_reserved', {
        param: 'reference.kind',
        values: { kind },
      });
      return { ...refusal, replayed: false };
    }
    const routing = await route(deps, order, by);
    if (!routing.ok) return { ...routing, replayed: false };
    const { destination: _owner, contractId: _named, ...rest } = order;
    return command(key, { ...rest, ...routing.value, integratorId: by.id });
  };
}

/**
 * Money of merchants and people lies in the client reserve. The contract is the one that was named,
 * or the only one of that book.
 */
async function route(
  deps: PaymentsDeps,
  order: NewOrder,
  by: Principal,
): Promise<Result<Routing, Refusal>> {
  const { kind, id } = order.destination;
  const owner =
    kind === 'merchant' ? await deps.parties.merchant(id, by) : await deps.parties.person(id, by);
  if (!owner.ok) return owner;
  const wantsAcquirer = order.methods.some((method) => method !== 'bank_transfer');
  const contract = await contractFor(deps, order, wantsAcquirer);
  if (!contract.ok) return contract;
  const code = kind === 'merchant' ? 2002 : 2001;
  const { book, id: contractId } = contract.value;
  const destination = { book, code, owner: id } as const;
  const acquirer = wantsAcquirer ? { contractId } : {};
  if (!order.methods.includes('bank_transfer')) return ok({ destination, ...acquirer });
  const custody = await deps.custody.accountOfBook(book);
  if (!custody.ok) return custody;
  return ok({ destination, ...acquirer, custodyAccountId: custody.value.id });
}

async function contractFor(
  deps: PaymentsDeps,
  order: NewOrder,
  wantsAcquirer: boolean,
): Promise<Result<Contract, Refusal>> {
  const fits = (contract: Contract) =>
    contract.state === 'enabled' &&
    contract.book.endsWith(`/${order.amount.currency}`) &&
    regimeOf(contract.book) === 'reserve' &&
    (!wantsAcquirer || contract.adapter === 'wechat_pay_v3');
  const wrong = (problem: string, problem_zh: string) => {
    const values = { problem, problem_zh };
    return refuse('order_contract_unusable', { param: 'contract_id', values });
  };
  if (order.contractId !== undefined) {
    const named = await deps.channels.contract(order.contractId);
    if (!named.ok) return named;
    const reason = 'it is disabled, or keeps another currency, regime or kind of payment';
    return fits(named.value) ? named : wrong(reason, '已停用，或币种、资金性质、支付方式不符');
  }
  const able = (await deps.channels.contracts()).filter(fits);
  const books = new Set(able.map((contract) => contract.book));
  const [only] = able;
  if (only === undefined) return wrong('there is none for this currency', '没有支持该币种的合约');
  if (books.size > 1) return wrong('several entities could take it', '有多个主体可收款');
  return ok(only);
}
