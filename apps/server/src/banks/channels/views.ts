import { encodeId } from '@keyturn/kernel';
import type { Contract } from './contract.ts';
import type { MessageRow } from './store.ts';
import type { ChannelHealth, MessageView } from './types.ts';

export function messageView(row: MessageRow): MessageView {
  return {
    id: encodeId('msg', row.id),
    direction: row.direction,
    operation: row.operation,
    reference: row.reference,
    request: row.request,
    response: row.response,
    outcome: row.outcome,
    duration_ms: row.durationMs,
    at: row.at.toString(),
  };
}

/** A contract and how it is doing, as the API shows it. Nothing secret stands in a contract. */
export interface ChannelView {
  readonly id: string;
  readonly version: number;
  readonly adapter: Contract['adapter'];
  readonly book: string;
  readonly settles_to?: string;
  readonly fee_bps: number;
  readonly state: Contract['state'];
  readonly effective_from: string;
  readonly created_by: string;
  readonly approved_by: string;
  readonly address: string;
  readonly health: {
    readonly circuit: ChannelHealth['circuit'];
    readonly consecutive_failures: number;
    readonly calls_under_way: number;
    readonly last_success_at?: string;
    readonly last_failure_at?: string;
  };
}

export function channelView(contract: Contract, health: ChannelHealth): ChannelView {
  const { lastSuccessAt, lastFailureAt } = health;
  return {
    id: contract.id,
    version: contract.version,
    adapter: contract.adapter,
    book: contract.book,
    ...(contract.settlesTo === null ? {} : { settles_to: contract.settlesTo }),
    fee_bps: contract.feeBps,
    state: contract.state,
    effective_from: contract.effectiveFrom.toString(),
    created_by: contract.createdBy,
    approved_by: contract.approvedBy,
    address: contract.config.base_url,
    health: {
      circuit: health.circuit,
      consecutive_failures: health.consecutiveFailures,
      calls_under_way: health.callsUnderWay,
      ...(lastSuccessAt === undefined ? {} : { last_success_at: lastSuccessAt.toString() }),
      ...(lastFailureAt === undefined ? {} : { last_failure_at: lastFailureAt.toString() }),
    },
  };
}
