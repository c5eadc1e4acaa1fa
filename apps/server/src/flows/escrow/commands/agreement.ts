import { encodeId, ok, type Refusal, type Result } from '@keyturn/kernel';
import { createRowSet, type RowSet, type Unit } from '@keyturn/pipeline';
import type { Command, CommandRunner } from '../../../platform/index.ts';
import { fourEyes } from '../../../who/access/index.ts';
import { type AgreementTerms, checkAgreement } from '../decide/agreement.ts';
import { refuse } from '../errors.ts';
import { lockAgreements, readAgreementsNamed } from '../store.ts';
import { type Agreement, agreementTable } from '../tables.ts';
import type { Actor } from './define.ts';

export interface DraftAgreement {
  readonly name: string;
  readonly version: number;
  readonly terms: AgreementTerms;
  readonly by: Actor;
}

interface Units extends Readonly<Record<string, Unit>> {
  readonly agreements: RowSet<Agreement>;
}

/**
 * Keeps a version of an agreement as a draft. What could never be carried out is refused here
 * already.
 */
export function defineDraftAgreement(
  commands: CommandRunner,
): Command<DraftAgreement, { agreementId: string }> {
  return commands.define<DraftAgreement, Units, { agreementId: string }>({
    name: 'escrow.draft_agreement',
    units: () => ({ agreements: createRowSet(agreementTable) }),
    load: async (tx, { agreements }, calls) => {
      agreements.adopt(
        await readAgreementsNamed(
          tx,
          calls.map(({ input }) => input),
        ),
      );
    },
    decide: ({ agreements }, input, context): Result<{ agreementId: string }, Refusal> => {
      const problems = checkAgreement(input.terms);
      if (problems.length > 0) {
        const text = problems.map(({ path, problem }) => `${path} (${problem})`).join('; ');
        return refuse('agreement_invalid', { param: 'terms', values: { problems: text } });
      }
      const { name, version } = input;
      const exists = [...agreements.all()].some((a) => a.name === name && a.version === version);
      if (exists) {
        const values = { name, version: String(version) };
        return refuse('agreement_version_exists', { values });
      }
      const agreement = agreements.insert({
        id: context.newId(name),
        name,
        version,
        terms: input.terms,
        state: 'draft',
        madeBy: input.by.id,
        publishedBy: null,
        createdAt: context.now,
        publishedAt: null,
        events: 0n,
      });
      return ok({ agreementId: agreement.id });
    },
  });
}

export interface PublishAgreement {
  readonly agreementId: string;
  readonly by: Actor;
}

/** Publishes a draft; by another than who made it. From then on deals can be made by it. */
export function definePublishAgreement(
  commands: CommandRunner,
): Command<PublishAgreement, { agreementId: string }> {
  return commands.define<PublishAgreement, Units, { agreementId: string }>({
    name: 'escrow.publish_agreement',
    units: () => ({ agreements: createRowSet(agreementTable) }),
    load: async (tx, { agreements }, calls) => {
      const [first, ...others] = calls.map(({ input }) => input.agreementId);
      if (first !== undefined) agreements.adopt(await lockAgreements(tx, [first, ...others]));
    },
    decide: ({ agreements }, input, context): Result<{ agreementId: string }, Refusal> => {
      const agreement = agreements.get(input.agreementId);
      const values = { agreement_id: encodeId('agr', input.agreementId) };
      if (!agreement) return refuse('agreement_not_found', { values });
      if (agreement.state === 'published') return refuse('agreement_published', { values });
      const eyes = fourEyes(agreement.madeBy, input.by);
      if (!eyes.ok) return eyes;
      const events = agreement.events + 1n;
      agreements.update(agreement.id, {
        state: 'published',
        publishedBy: input.by.id,
        publishedAt: context.now,
        events,
      });
      context.emit({
        type: 'escrow.agreement_published',
        objectId: agreement.id,
        objectSequence: events,
        payload: {
          agreement_id: agreement.id,
          name: agreement.name,
          version: agreement.version,
        },
      });
      return ok({ agreementId: agreement.id });
    },
  });
}
