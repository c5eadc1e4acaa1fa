import type { Money } from '../money/format-money.ts';

/** What a place of money is; decides its look, never its position. */
export type FlowNodeKind = 'party' | 'channel' | 'held' | 'transit' | 'platform';

/** A place where money comes from, lies, or goes to. */
export interface FlowNode {
  readonly id: string;
  readonly label: string;
  readonly kind: FlowNodeKind;
  /** What lies there now. */
  readonly money?: Money;
  readonly detail?: string;
}

/**
 * How far a way has been gone, as the platform's views say it. `waiting`: for somebody to act;
 * `moving`: at a bank or acquirer; `returned`: sent back by the receiver; `reversed`: taken back by
 * ourselves.
 */
export const flowEdgeStates = [
  'done',
  'moving',
  'waiting',
  'planned',
  'failed',
  'returned',
  'reversed',
] as const;
export type FlowEdgeState = (typeof flowEdgeStates)[number];

/** Money that went, goes or will go from one place to another. */
export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  readonly money: Money;
  readonly state: FlowEdgeState;
  readonly label?: string;
}

export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

/**
 * The flow without edges to places that it does not have, and at most so many of both as can be
 * read.
 */
export function soundFlow(flow: Flow, limit = 200): Flow {
  const nodes = flow.nodes.slice(0, limit);
  const ids = new Set(nodes.map(({ id }) => id));
  const edges = flow.edges
    .filter(({ from, to }) => from !== to && ids.has(from) && ids.has(to))
    .slice(0, limit);
  return { nodes, edges };
}
