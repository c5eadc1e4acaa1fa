import { createRandom } from '@keyturn/testkit';
import { expect, test } from 'vitest';
import { failDeal, releaseToSeller } from '../../src/main/demo/acts.ts';
import { gatherCast } from '../../src/main/demo/cast.ts';
import { startTestWorld } from '../world.ts';
import { answersCheck, type Ended, expectTheEnd, untilAllEnds } from './lying/ending.ts';
import { createLiar, doomedOf, meetFates, refundFates, refundOrders } from './lying/lies.ts';
import { createOutside } from './lying/outside.ts';
import type { Play } from './lying/play.ts';
import { createStepper } from './lying/quiet.ts';
import {
  beginToPay,
  openOrder,
  type Scene,
  setTheScene,
  tellAnotherAmount,
} from './lying/stage.ts';
import { findWrong, openBooks } from './lying/truth.ts';

/**
 * The outside world lies for two days: silence, "accepted", contradictions, false statements. Which
 * lies are about at a time follows from a seed; KEYTURN_LYING_SEEDS=1,2,3 plays others than the
 * first.
 */
const seeds = (process.env['KEYTURN_LYING_SEEDS'] ?? '1').split(',').map(Number);

/** When the world is looked at while it lies: days after the first one, and the wall clock. */
const looks = [
  [1, '11:00'],
  [1, '11:02'],
  [1, '11:10'],
  [1, '11:40'],
  [1, '12:30'],
  [1, '15:00'],
  [1, '19:00'],
  [1, '23:30'],
  [2, '00:45'],
  [2, '02:00'],
  [2, '08:00'],
  [2, '09:10'],
  [2, '12:10'],
  [2, '17:00'],
  [2, '23:00'],
  [3, '00:50'],
  [3, '09:10'],
  [3, '11:00'],
] as const;

/** At this look the silence has lasted long enough to be seen. */
const silenceShows = 3;

/** At so many looks, somebody pays. */
const payers = 6;

test.each(seeds)(
  'while bank and acquirer lie for two days nothing fails or is paid twice, and all ends when they speak the truth (seed %i)',
  async (seed) => {
    const world = await startTestWorld();
    const books = openBooks(world);
    try {
      const outside = createOutside(world.sandboxAdmin);
      const cast = gatherCast(world, `lies${seed}`, () => undefined);
      const stepper = createStepper(world, cast, outside, books);
      const play = { cast, books, outside, stepper, random: createRandom(seed) };
      await expectTheEnd(play, await lieForTwoDays(play));
      expect(await world.findings()).toEqual([]);
    } finally {
      await books.close();
      await world.close();
    }
  },
  600_000,
);

async function lieForTwoDays(play: Play): Promise<Ended> {
  const { cast, books, outside, stepper } = play;
  const scene = await setTheScene(cast, stepper, refundFates.length);
  await tellAnotherAmount(scene, outside);
  const fated = await meetFates(scene, outside, stepper);
  const refunds = await refundOrders(scene, outside, stepper);
  const doomed = doomedOf(fated);
  const liar = createLiar(outside, play.random);
  for (const [index, [days, time]] of looks.entries()) {
    const lies = await liar.lieAnew();
    if (index === 0) await setMoneyOnItsWay(scene);
    if (index < payers) await somebodyPays(play, scene, `lied${index}`);
    const date = scene.firstDay.add({ days });
    const plainTime = Temporal.PlainTime.from(time);
    await cast.world.advanceTo(date.toZonedDateTime({ timeZone: 'Asia/Shanghai', plainTime }));
    await stepper.quiet();
    expect(await findWrong(books, outside, doomed), `${date} ${time}: ${lies}`).toEqual([]);
    if (index !== silenceShows) continue;
    expect(await answersCheck(cast)).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('pay-outs unknown'),
    });
  }
  const days = [1, 2].map((plus) => scene.firstDay.add({ days: plus }).toString());
  await outside.speakTheTruth(days);
  await stepper.quiet();
  await untilAllEnds(play, doomed);
  return { scene, fated, refunds, days };
}

/** A release, two failed deals: pay-outs and refunds in the middle of the lies. */
async function setMoneyOnItsWay({ cast, sale, paidByWechat, paidByTransfer }: Scene) {
  await releaseToSeller(cast, sale);
  await failDeal(cast, paidByWechat);
  await failDeal(cast, paidByTransfer);
}

/** A payer begins to pay, and pays if the acquirer got to know of it. */
async function somebodyPays({ cast, outside, stepper }: Play, { parties }: Scene, key: string) {
  const order = await openOrder(cast, parties, key, 30_000);
  const { number } = await beginToPay(cast, order, key);
  await stepper.quiet();
  await outside.payerPays(number);
}
