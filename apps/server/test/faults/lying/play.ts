import type { Random } from '@keyturn/testkit';
import type { Cast } from '../../../src/main/demo/cast.ts';
import type { Outside } from './outside.ts';
import type { Stepper } from './quiet.ts';
import type { Books } from './truth.ts';

/** All that a play of lies needs: who acts, the books, the truth, the time, and chance. */
export interface Play {
  readonly cast: Cast;
  readonly books: Books;
  readonly outside: Outside;
  readonly stepper: Stepper;
  readonly random: Random;
}
