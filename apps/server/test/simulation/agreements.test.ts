import { createRandom } from '@keyturn/testkit';
import fc from 'fast-check';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { checkAgreement } from '../../src/flows/escrow/decide/agreement.ts';
import { TermsSchema } from '../../src/flows/escrow/schemas.ts';
import { termsFromWire } from '../../src/flows/escrow/terms-wire.ts';
import { anyAgreement } from './agreements.ts';

test('every agreement of the simulation may be published', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const draft: unknown = anyAgreement(createRandom(seed));
      const terms = termsFromWire(Value.Parse(TermsSchema, draft));
      expect(checkAgreement(terms)).toEqual([]);
    }),
  );
});
