import { ok } from '@keyturn/kernel';
import { createRowSet, type RowSet, type Unit } from '@keyturn/pipeline';
import type { Command, CommandRunner } from '../../../platform/index.ts';
import { readLastProofs } from '../store/proofs.ts';
import { type ProofLineRow, type ProofRow, proofLineTable, proofTable } from '../tables.ts';

export type ProofLineInput = Omit<ProofLineRow, 'proofId'>;

export interface KeepProofInput {
  readonly day: string;
  readonly balanced: boolean;
  /** Of the lines: the same figures are the same proof. */
  readonly digest: string;
  readonly lines: readonly ProofLineInput[];
}

interface Units extends Readonly<Record<string, Unit>> {
  readonly proofs: RowSet<ProofRow>;
  readonly lines: RowSet<ProofLineRow>;
}

/** Keeps a proof as the day's next version; the same figures as the last one change nothing. */
export function defineKeepProof(
  commands: CommandRunner,
): Command<KeepProofInput, { readonly version: number }> {
  return commands.define<KeepProofInput, Units, { readonly version: number }>({
    name: 'reconciliation.keep_proof',
    // Two of one day meet on the unique version, and the second is decided anew.
    maxBatch: 1,
    units: () => ({ proofs: createRowSet(proofTable), lines: createRowSet(proofLineTable) }),
    load: async (tx, { proofs }, calls) => {
      const days = calls.map(({ input }) => Temporal.PlainDate.from(input.day));
      proofs.adopt(await readLastProofs(tx, days));
    },
    decide: ({ proofs, lines }, input, context) => {
      const last = [...proofs.all()].find((proof) => proof.day.toString() === input.day);
      if (last?.digest === input.digest) return ok({ version: last.version });
      const version = (last?.version ?? 0) + 1;
      const day = Temporal.PlainDate.from(input.day);
      const { balanced, digest } = input;
      const id = context.newId(input.day);
      proofs.insert({ id, day, version, balanced, digest, madeAt: context.now });
      for (const line of input.lines) lines.insert({ ...line, proofId: id });
      context.emit({
        type: 'reconciliation.proof_made',
        objectId: id,
        objectSequence: 1n,
        payload: { proof_id: id, day: input.day, version, balanced },
      });
      return ok({ version });
    },
  });
}
