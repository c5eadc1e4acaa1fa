import type { Flow, FlowEdge } from './flow.ts';

/**
 * Puts each place in a layer, so that money moves from left to right: sources in layer 0, every
 * other place one after the last that pays it. Places that hold money and pass it to each other (a
 * conversion) may stand in one layer. Money that goes back (a refund) closes a circle; such an edge
 * is found by depth-first search and points to the left.
 */
export function layersOf({ nodes, edges }: Flow): ReadonlyMap<string, number> {
  const back = backEdges({ nodes, edges });
  const forward = edges.filter((edge) => !back.has(edge));
  const held = new Set(nodes.filter(({ kind }) => kind === 'held').map(({ id }) => id));
  const layers = new Map(nodes.map(({ id }) => [id, 0]));
  // Without circles the longest way has fewer steps than there are places.
  for (let round = 0; round < nodes.length; round += 1) {
    const moved = forward.filter(({ from, to }) => {
      const step = held.has(from) && held.has(to) ? 0 : 1;
      const wanted = (layers.get(from) ?? 0) + step;
      if ((layers.get(to) ?? 0) >= wanted) return false;
      layers.set(to, wanted);
      return true;
    });
    if (moved.length === 0) break;
  }
  return besideTheirKind({ nodes, edges }, layers);
}

/** A place that no money goes to or comes from stands with the first others of its kind. */
function besideTheirKind({ nodes, edges }: Flow, layers: Map<string, number>) {
  const joined = new Set(edges.flatMap(({ from, to }) => [from, to]));
  for (const { id, kind } of nodes.filter((node) => !joined.has(node.id))) {
    const others = nodes.filter((node) => node.kind === kind && joined.has(node.id));
    const first = Math.min(...others.map((node) => layers.get(node.id) ?? 0));
    if (others.length > 0) layers.set(id, first);
  }
  return layers;
}

/** The edges that close a circle, looking from the places in their order. */
export function backEdges({ nodes, edges }: Flow): ReadonlySet<FlowEdge> {
  const out = groupBy(edges, ({ from }) => from);
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<FlowEdge>();
  const visit = (id: string): void => {
    state.set(id, 'open');
    for (const edge of out.get(id) ?? []) {
      const seen = state.get(edge.to);
      if (seen === 'open') back.add(edge);
      else if (seen === undefined) visit(edge.to);
    }
    state.set(id, 'done');
  };
  for (const { id } of nodes) if (!state.has(id)) visit(id);
  return back;
}

export function groupBy<T>(
  list: readonly T[],
  key: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of list) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
