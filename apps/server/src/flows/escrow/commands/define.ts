import type { Refusal, Result } from '@keyturn/kernel';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import { createMoneyUnits, loadMoney, type MoneyGround, type MoneyUnits } from '../money.ts';
import type { DealKeys } from '../store.ts';
import type { Deal } from '../tables.ts';

/** Who carries out a command, as plain data: `id` for the record, the rest for four eyes. */
export interface Actor {
  readonly kind: 'integrator' | 'operator';
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
}

/** Something that is decided on one deal with all its money at hand. */
export interface DealCommand<Input, Output> {
  readonly name: string;
  /** What names the deals that the input is about. */
  keys(input: Input): DealKeys;
  /**
   * Whether it may move the money of such a deal; when not said, it may. Otherwise the accounts,
   * which all deals share, stay free for others.
   */
  mayMoveMoney?(deal: Deal): boolean;
  decide(units: MoneyUnits, input: Input, context: CommandContext): Result<Output, Refusal>;
}

/** Defines a command on deals: the same rows are locked in the same order for all of them. */
export function defineDealCommand<Input, Output>(
  commands: CommandRunner,
  ground: MoneyGround,
  command: DealCommand<Input, Output>,
): Command<Input, Output> {
  return commands.define<Input, MoneyUnits, Output>({
    name: command.name,
    units: () => createMoneyUnits(ground),
    load: async (tx, units, calls) => {
      const keys = calls.map(({ input }) => command.keys(input));
      const all = (of: keyof DealKeys) => keys.flatMap((one) => one[of] ?? []);
      const moments = calls.map(({ context }) => context.now);
      const named: DealKeys = {
        deals: all('deals'),
        items: all('items'),
        releases: all('releases'),
        legs: all('legs'),
        orders: all('orders'),
        refunds: all('refunds'),
      };
      await units.escrow.load(tx, named);
      const moving = [...units.escrow.deals.all()].some(command.mayMoveMoney ?? (() => true));
      if (moving) await loadMoney(tx, units, ground, moments);
    },
    decide: command.decide,
  });
}
