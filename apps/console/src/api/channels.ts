import { pageOf } from '@keyturn/ui';
import * as v from 'valibot';
import { InstantShape } from './shapes.ts';

export const ChannelShape = v.object({
  id: v.string(),
  version: v.number(),
  adapter: v.string(),
  book: v.string(),
  settles_to: v.optional(v.string()),
  fee_bps: v.number(),
  state: v.picklist(['enabled', 'disabled']),
  effective_from: InstantShape,
  created_by: v.string(),
  approved_by: v.string(),
  address: v.string(),
  health: v.object({
    circuit: v.picklist(['closed', 'open', 'half_open']),
    consecutive_failures: v.number(),
    calls_under_way: v.number(),
    last_success_at: v.optional(InstantShape),
    last_failure_at: v.optional(InstantShape),
  }),
});
export type Channel = v.InferOutput<typeof ChannelShape>;
export const ChannelListShape = v.object({ items: v.array(ChannelShape) });

export const MessageShape = v.object({
  id: v.string(),
  direction: v.picklist(['out', 'in']),
  operation: v.string(),
  reference: v.string(),
  request: v.string(),
  response: v.string(),
  outcome: v.string(),
  duration_ms: v.number(),
  at: InstantShape,
});
export type Message = v.InferOutput<typeof MessageShape>;
export const MessagePageShape = pageOf(MessageShape);
