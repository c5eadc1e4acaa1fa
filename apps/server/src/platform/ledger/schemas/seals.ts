import { Type } from 'typebox';
import { InstantSchema } from '../../http/schemas.ts';

export const SealSchema = Type.Object(
  {
    number: Type.Integer({ description: 'From 1, without a gap' }),
    digest: Type.String({ description: 'SHA-256, 64 hexadecimal digits' }),
    previous_digest: Type.String(),
    content_digest: Type.String({ description: 'Of the journals and transfers that it covers' }),
    journals: Type.Integer(),
    transfers: Type.Integer(),
    first_journal: Type.String(),
    last_journal: Type.String(),
    sealed_at: InstantSchema,
    key_id: Type.String(),
    signature: Type.String({ description: 'Ed25519 over the digest, hexadecimal' }),
  },
  { title: 'LedgerSeal', description: 'A link of the chain of seals' },
);

export const SealHeadSchema = Type.Object(
  {
    head: Type.Optional(SealSchema),
    unsealed_journals: Type.Integer({ description: 'Counted up to 100,000' }),
    unsealed_since: Type.Optional(InstantSchema),
  },
  { title: 'LedgerSealHead' },
);

export const CheckSchema = Type.Object(
  {
    balanced: Type.Boolean(),
    accounts: Type.Integer(),
    journals: Type.Integer(),
    transfers: Type.Integer(),
    seals: Type.Integer({ description: 'Seals that were verified' }),
    unsealed_journals: Type.Integer(),
    head: Type.Optional(
      Type.Object({ number: Type.Integer(), digest: Type.String() }, { title: 'LedgerKnownHead' }),
    ),
    trusted_keys: Type.Array(Type.String(), {
      description: 'The keys by which seals were accepted; none: any key was',
    }),
    findings: Type.Array(
      Type.Object({ rule: Type.String(), subject: Type.String(), detail: Type.String() }),
    ),
  },
  { title: 'LedgerCheck' },
);
