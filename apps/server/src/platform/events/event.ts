import { defineTable } from '@keyturn/pipeline';

/**
 * Something that happened to an object, told to whoever stands above. Holds ids and amounts, no
 * people.
 */
export interface EventRecord {
  readonly id: string;
  /**
   * `module.what_happened`, with a version when its payload changes: `payments.order_succeeded`.
   */
  readonly type: string;
  readonly objectId: string;
  /** Counted in the object without a gap. */
  readonly objectSequence: bigint;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly occurredAt: Temporal.Instant;
}

export type NewEvent = Pick<EventRecord, 'type' | 'objectId' | 'objectSequence' | 'payload'>;

export const eventTable = defineTable<EventRecord>({
  name: 'platform.event',
  columns: {
    id: 'uuid',
    type: 'text',
    objectId: 'uuid',
    objectSequence: 'int8',
    payload: 'jsonb',
    occurredAt: 'timestamptz',
  },
  key: ['id'],
  mutable: [],
});
