import { defineTable, selectList, type Tx } from '@keyturn/pipeline';

/** What a command answered, kept for ever under its key. */
export interface CommandRecord {
  readonly key: string;
  readonly kind: string;
  readonly fingerprint: string;
  readonly callId: string;
  readonly outcome: unknown;
  readonly recordedAt: Temporal.Instant;
}

export const commandTable = defineTable<CommandRecord>({
  name: 'platform.command',
  columns: {
    key: 'text',
    kind: 'text',
    fingerprint: 'text',
    callId: 'uuid',
    outcome: 'jsonb',
    recordedAt: 'timestamptz',
  },
  key: ['key'],
  mutable: [],
});

const knownSql = `select ${selectList(commandTable, 'c')} from platform.command c
  where c.key = any($1::text[])`;

/** The commands among these keys that were answered before. */
export async function readCommands(
  tx: Tx,
  keys: readonly string[],
): Promise<Map<string, CommandRecord>> {
  const rows = await tx.query<CommandRecord>(knownSql, [keys]);
  return new Map(rows.map((row) => [row.key, row]));
}
