import type { Flow, FlowEdge, FlowNode } from './flow.ts';
import { groupBy, layersOf } from './layers.ts';

/** A place with what leaves it below: how a flow is read on a narrow screen, from top to bottom. */
export interface NarrowGroup {
  readonly node: FlowNode;
  readonly y: number;
  readonly edges: readonly { readonly edge: FlowEdge; readonly to: FlowNode; readonly y: number }[];
}

export interface NarrowLayout {
  readonly height: number;
  readonly groups: readonly NarrowGroup[];
}

export const headHeight = 56;
export const lineHeight = 52;
const groupGap = 18;

/**
 * The places in the order in which money reaches them, each with its outgoing lines. A place that
 * money only goes to stands at the end when it says what lies there or gets money from several;
 * else the line that leads there says it all.
 */
export function narrowLayout(flow: Flow): NarrowLayout {
  const layers = layersOf(flow);
  const byId = new Map(flow.nodes.map((node) => [node.id, node]));
  const out = groupBy(flow.edges, ({ from }) => from);
  const into = groupBy(flow.edges, ({ to }) => to);
  const shown = flow.nodes
    .filter(({ id, money }) => out.has(id) || money !== undefined || into.get(id)?.length !== 1)
    .map((node, index) => ({ node, index, layer: layers.get(node.id) ?? 0 }))
    .sort((a, b) => a.layer - b.layer || a.index - b.index);
  let y = 0;
  const groups = shown.map(({ node }): NarrowGroup => {
    const top = y;
    const edges = (out.get(node.id) ?? []).flatMap((edge, index) => {
      const to = byId.get(edge.to);
      return to === undefined
        ? []
        : [{ edge, to, y: top + headHeight + index * lineHeight + lineHeight / 2 }];
    });
    y = top + headHeight + edges.length * lineHeight + groupGap;
    return { node, y: top, edges };
  });
  return { groups, height: Math.max(0, y - groupGap) };
}
