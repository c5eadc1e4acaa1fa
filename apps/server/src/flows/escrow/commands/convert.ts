import { ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import { conversionRule, decideConversion } from '../decide/conversion.ts';
import { refuse } from '../errors.ts';
import { type MoneyGround, type MoneyUnits, refuseFrozen } from '../money.ts';
import { settleFunding } from '../progress.ts';
import { accountOf, type Deal, type Item, missingOf } from '../tables.ts';
import { nextPosition } from '../unit.ts';
import { type Actor, defineDealCommand } from './define.ts';

export interface Convert {
  readonly dealId: string;
  readonly from: string;
  readonly to: string;
  /** Minor units; as much as there is and the target takes when not said. */
  readonly amountMinor?: bigint;
  readonly by: Actor;
}

export interface Converted {
  readonly dealId: string;
  readonly conversionId: string;
}

/** Turns the money of one item into that of another, in the same custody. */
export function defineConvert(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<Convert, Converted> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.convert',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    decide: (units, input: Convert, context) => {
      const { escrow } = units;
      const found = escrow.deal(input.dealId);
      if (!found.ok) return found;
      const deal = found.value;
      const rule = conversionRule(escrow.terms(deal.id), input.from, input.to);
      if (!rule.ok) return rule;
      if (deal.state !== 'funding' && deal.state !== 'funded') {
        return refuse('deal_state_refused', { values: { state: deal.state, action: 'convert' } });
      }
      const frozen = refuseFrozen(deal, [input.from, input.to]);
      if (!frozen.ok) return frozen;
      const items = escrow.itemsOf(deal.id);
      const from = items.find(({ key }) => key === input.from);
      const to = items.find(({ key }) => key === input.to);
      if (!from || !to) {
        const values = { from: input.from, to: input.to };
        return refuse('conversion_not_agreed', { values });
      }
      const amount = decideConversion(rule.value, from, to, input.amountMinor, deal.currency);
      if (!amount.ok) return amount;
      return book(units, deal, { from, to, amount: amount.value, by: input.by.id }, context);
    },
  });
}

function book(
  { escrow, ledger }: MoneyUnits,
  deal: Deal,
  made: { readonly from: Item; readonly to: Item; readonly amount: bigint; readonly by: string },
  context: CommandContext,
): Result<Converted, Refusal> {
  const { from, to, amount } = made;
  const journalId = context.newId(deal.id);
  const posted = ledger.post(
    {
      id: journalId,
      book: from.book,
      cause: { module: 'escrow', object: deal.id, command: context.key },
      transfers: [{ kind: 'posted', debit: accountOf(from), credit: accountOf(to), amount }],
    },
    context.now,
  );
  if (!posted.ok) return posted;
  const { id } = escrow.conversions.insert({
    id: context.newId(deal.id),
    dealId: deal.id,
    position: nextPosition(escrow.conversions, deal.id),
    fromItem: from.id,
    toItem: to.id,
    amountMinor: amount,
    reversedMinor: 0n,
    journalId,
    by: made.by,
    at: context.now,
  });
  escrow.items.update(from.id, { convertedOutMinor: from.convertedOutMinor + amount });
  const target = escrow.items.update(to.id, { convertedInMinor: to.convertedInMinor + amount });
  if (missingOf(target) === 0n && target.fundedAt === null) {
    escrow.items.update(to.id, { fundedAt: context.now });
  }
  const payload = { conversion_id: id, from_item: from.key, to_item: to.key, amount };
  escrow.tell(deal.id, 'escrow.converted', payload, context);
  const line = { kind: 'converted', itemKey: from.key, amountMinor: amount };
  escrow.line(deal.id, { ...line, parameters: { to: to.key } }, context.now);
  settleFunding(escrow, deal.id, context);
  return ok({ dealId: deal.id, conversionId: id });
}
