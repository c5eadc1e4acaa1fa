import { type AccountSpec, isAccountCode, type RefundRequest } from '@keyturn/ledger';
import { type Static, Type } from 'typebox';
import { RefusedError } from '../../http/refused.ts';
import { answer } from '../../http/request.ts';
import { MoneySchema } from '../../http/schemas.ts';
import type { HttpApp } from '../../http/server.ts';
import { createAccountNames } from '../names.ts';
import { currencyOf } from '../request.ts';
import { keepers, type LedgerRoutesDeps, sendBooked, tags } from '../routes/edge.ts';
import { CodeSchema, exact, OwnerSchema } from '../schemas/shared.ts';
import { JournalSchema, problems, UuidSchema } from '../schemas.ts';
import type { Takeovers } from './takeovers.ts';

const OldNameSchema = (description: string) =>
  Type.String({ pattern: '^[\\x21-\\x7e]{1,64}$', description });

const NewTakeoverRefundSchema = Type.Object(
  {
    id: UuidSchema('Your own UUID for this refund: the same again is a repeat, for ever'),
    order: OldNameSchema('The order that was paid in the old ledger'),
    amount: MoneySchema,
    account: Type.Optional(
      OldNameSchema('The account’s number there; needed when the order was paid to several'),
    ),
    to: Type.Optional(
      Type.Object(
        { code: CodeSchema, owner: OwnerSchema },
        { ...exact, description: 'Where the money goes; the plan’s counter account when left out' },
      ),
    ),
  },
  { ...exact, title: 'NewTakeoverRefund' },
);
type WireRefund = Static<typeof NewTakeoverRefundSchema>;

const TakeoverParams = Type.Object({
  takeover: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
    description: 'A move from another ledger, as its plan names it',
  }),
});

/** What programs need of a book that is moved here, besides the ledger's own calls. */
export function registerTakeoverRoutes(
  app: HttpApp,
  deps: LedgerRoutesDeps & { readonly takeovers: Takeovers },
): void {
  const { takeovers, ledger, callerOf, database } = deps;
  const names = createAccountNames(database);
  app.post(
    '/v1/ledger/takeovers/:takeover/refunds',
    {
      config: keepers,
      schema: {
        tags,
        operationId: 'refundOldOrder',
        summary: 'Refund an order that was paid in the ledger which was left, up to what is left',
        params: TakeoverParams,
        body: NewTakeoverRefundSchema,
        response: { 201: JournalSchema, ...problems },
      },
    },
    async (request, reply) => {
      const { takeover } = request.params;
      const found = (await takeovers.list()).find(({ id }) => id === takeover);
      const book = found && (await ledger.book(callerOf(request), found.bookId));
      // Somebody else's is not there.
      if (!found || !book?.ok) {
        throw new RefusedError({ code: 'takeover_unknown', values: { takeover } });
      }
      const wanted = refundOf(found.bookId, request.body);
      const receipt = answer(await takeovers.refund(takeover, wanted));
      const {
        id,
        causeModule: module,
        causeObject: object,
        causeCommand: command,
      } = receipt.journal;
      const asked = { id, book: found.bookId, cause: { module, object, command }, transfers: [] };
      return sendBooked(reply, { receipt, names: await names.of(asked, receipt) });
    },
  );
}

function refundOf(book: string, wire: WireRefund): RefundRequest {
  const { id, order, amount, account, to } = wire;
  const expected = currencyOf(book);
  const { currency } = amount;
  if (currency !== expected) {
    const values = { leg: '0', currency, book, expected };
    throw new RefusedError({ code: 'currency_of_other_book', param: 'amount', values });
  }
  return {
    id,
    order,
    amount: BigInt(amount.amount),
    ...(account === undefined ? {} : { account }),
    ...(to === undefined ? {} : { to: accountOf(to) }),
  };
}

function accountOf({ code, owner }: NonNullable<WireRefund['to']>): Omit<AccountSpec, 'book'> {
  if (isAccountCode(code)) return { code, owner };
  const values = { leg: '0', account: `${code}/${owner}` };
  throw new RefusedError({ code: 'account_invalid', param: 'to', values });
}
