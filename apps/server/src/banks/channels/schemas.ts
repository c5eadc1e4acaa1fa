import { Type } from 'typebox';
import { InstantSchema } from '../../platform/index.ts';

export const ContractIdSchema = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{1,62}$',
  description: "A channel contract's id",
  examples: ['wx-escrow'],
});

export const ChannelSchema = Type.Object(
  {
    id: ContractIdSchema,
    version: Type.Integer(),
    adapter: Type.Union([Type.Literal('wechat_pay_v3'), Type.Literal('escrow_bank_v1')]),
    book: Type.String(),
    settles_to: Type.Optional(Type.String({ description: 'Custody account' })),
    fee_bps: Type.Integer({ description: 'What the channel charges, basis points' }),
    state: Type.Union([Type.Literal('enabled'), Type.Literal('disabled')]),
    effective_from: InstantSchema,
    created_by: Type.String(),
    approved_by: Type.String(),
    address: Type.String(),
    health: Type.Object(
      {
        circuit: Type.Union([
          Type.Literal('closed'),
          Type.Literal('open'),
          Type.Literal('half_open'),
        ]),
        consecutive_failures: Type.Integer(),
        calls_under_way: Type.Integer(),
        last_success_at: Type.Optional(InstantSchema),
        last_failure_at: Type.Optional(InstantSchema),
      },
      { description: 'As this process has seen it since it started' },
    ),
  },
  { title: 'Channel' },
);

export const ChannelListSchema = Type.Object(
  { items: Type.Array(ChannelSchema) },
  { title: 'ChannelList' },
);

export const MessageSchema = Type.Object(
  {
    id: Type.String(),
    direction: Type.Union([Type.Literal('out'), Type.Literal('in')]),
    operation: Type.String(),
    reference: Type.String(),
    request: Type.String({ description: 'Secrets and personal data are masked' }),
    response: Type.String({ description: 'Secrets and personal data are masked' }),
    outcome: Type.String(),
    duration_ms: Type.Integer(),
    at: InstantSchema,
  },
  { title: 'ChannelMessage' },
);

export const MessageListSchema = Type.Object(
  {
    items: Type.Array(MessageSchema),
    next_cursor: Type.Optional(Type.String()),
  },
  { title: 'ChannelMessageList' },
);

export const ReferenceQuerySchema = Type.Object({
  reference: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'Our number at the channel: of an attempt, refund, pay-out, virtual account',
  }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
});

export const TakenSchema = Type.Object(
  {
    code: Type.Literal('SUCCESS'),
    message: Type.String(),
  },
  { title: 'NotificationTaken' },
);
