import { defineTable } from '@keyturn/pipeline';

/**
 * A link by which a party sees the money of its deal. Insert-only; only the token's digest is kept.
 */
export interface DealLink {
  readonly id: string;
  readonly dealId: string;
  readonly role: string;
  readonly tokenSha256: string;
  readonly expiresAt: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
}

export const dealLinkTable = defineTable<DealLink>({
  name: 'escrow.deal_link',
  columns: {
    id: 'uuid',
    dealId: 'uuid',
    role: 'text',
    tokenSha256: 'text',
    expiresAt: 'timestamptz',
    createdAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});
