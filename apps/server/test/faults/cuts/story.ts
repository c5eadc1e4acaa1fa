import type { Queryable } from '@keyturn/pipeline';
import { dealReaches, releaseToSeller } from '../../../src/main/demo/acts.ts';
import { agreementTerms } from '../../../src/main/demo/agreement.ts';
import { type Cast, gatherCast, introduceParties } from '../../../src/main/demo/cast.ts';
import type { TestWorld } from '../../world.ts';
import { passDays, reconcile, transferUnnoticed } from './story/days.ts';
import { fail, hesitate, sell } from './story/deals.ts';
import { askBack, payWhileFrozen, share, withdraw } from './story/orders.ts';
import { changeAccounts, changeStaff } from './story/people.ts';

/** How what was begun ended, in the order of the story. */
export type Ended = readonly string[];

/**
 * A story in which every kind of command of the platform has something to do, at least twice: by
 * people over HTTP, by what banks and acquirers tell, by what falls due.
 *
 * @param tables the platform's tables, to see what no page shows
 */
export async function playStory(world: TestWorld, tables: Queryable): Promise<Ended> {
  const one = gatherCast(world, 'one', () => undefined);
  const two = gatherCast(world, 'two', () => undefined);
  await one.world.advanceToBankHours();
  const begun = [await begin(world, one), await begin(world, two)];
  // What was paid to acquirers lies at the bank on the day after, their fees when they are paid.
  const dates = await passDays(world, one, tables);
  const ended: string[] = [];
  for (const end of begun) ended.push(...(await end()));
  await reconcile(one, dates);
  return ended;
}

/** @returns how it goes on when the money lies at the bank */
async function begin(world: TestWorld, cast: Cast): Promise<() => Promise<Ended>> {
  const parties = await introduceParties(cast, agreementTerms);
  const closedAccount = await changeAccounts(cast, parties);
  await changeStaff(world, cast);
  const sold = await sell(cast, parties);
  const failed = await fail(cast, parties);
  const open = await hesitate(cast, parties);
  const orders = [
    await share(cast, parties),
    await askBack(cast, parties),
    await payWhileFrozen(world, cast, parties),
  ];
  await transferUnnoticed(cast);
  return async () => {
    await releaseToSeller(cast, sold);
    const ended = [
      await dealReaches(cast, sold, ['released']),
      await dealReaches(cast, failed, ['refunded']),
      await cast.api.get(`/v1/deals/${open}`),
      ...(await Promise.all(orders.map((order) => cast.api.get(`/v1/orders/${order}`)))),
      ...(await withdraw(cast, parties, closedAccount)),
    ];
    return ended.map(({ state }) => state);
  };
}
