import type { Flow, FlowEdge, FlowNode } from './flow.ts';
import { backEdges, groupBy, layersOf } from './layers.ts';

/** A box, a line and a label, in the picture's own units (CSS pixels at full size). */
export interface PlacedNode {
  readonly node: FlowNode;
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  readonly edge: FlowEdge;
  readonly path: string;
  readonly labelX: number;
  readonly labelY: number;
}

export interface WideLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export const boxWidth = 164;
export const boxHeight = 64;
const rowGap = 28;
const margin = 12;
const labelHeight = 22;
/** What money that goes back needs to the right of the last column. */
const returnWidth = 56;

/** A place in a layer: a box, or a point where a long edge passes between the boxes. */
interface Slot {
  readonly id: string;
  readonly layer: number;
  /** Set for boxes. */
  readonly node: FlowNode | undefined;
}

interface Chain {
  readonly edge: FlowEdge;
  /** From its source to its target, with the points between. */
  readonly slots: readonly string[];
}

/** Layers as columns, from left to right; at least `width` wide. */
export function wideLayout(flow: Flow, width: number): WideLayout {
  const layers = layersOf(flow);
  const back = backEdges(flow);
  const { slots, chains } = withPoints(flow, layers, back);
  const columns = ordered(slots, chains);
  const tallest = Math.max(0, ...columns.map(heightOf));
  const backRoom = back.size === 0 ? 0 : (back.size + 1) * labelHeight;
  const room = width - (back.size === 0 ? 0 : returnWidth);
  const columnGap = gapFor(columns.length, room);
  const place = new Map<string, { x: number; y: number }>();
  for (const [index, column] of columns.entries()) {
    const x = margin + index * (boxWidth + columnGap);
    let y = margin + (tallest - heightOf(column)) / 2;
    for (const slot of column) {
      place.set(slot.id, { x, y: y + slotHeight(slot) / 2 });
      y += slotHeight(slot) + rowGap;
    }
  }
  const at = (id: string) => place.get(id) ?? { x: 0, y: 0 };
  let returns = 0;
  const edges = chains.map(({ edge, slots: way }) => {
    const shift = shiftOf(edge, flow.edges);
    const [from, to] = [shifted(at(edge.from), shift), shifted(at(edge.to), shift)];
    if (back.has(edge)) {
      returns += 1;
      return returning(edge, at(edge.from), at(edge.to), tallest + margin + returns * labelHeight);
    }
    if (from.x === to.x) return beside(edge, from, to);
    return forwarding(edge, [from, ...way.slice(1, -1).map(at), to], flow.edges);
  });
  return {
    width: Math.max(
      width,
      2 * margin + columns.length * (boxWidth + columnGap) - columnGap + width - room,
    ),
    height: tallest + 2 * margin + backRoom,
    nodes: slots.flatMap(({ id, node }) => {
      const { x, y } = at(id);
      return node === undefined ? [] : [{ node, x, y: y - boxHeight / 2 }];
    }),
    edges: apart(edges),
  };
}

function gapFor(columns: number, width: number): number {
  if (columns < 2) return 0;
  const free = width - 2 * margin - columns * boxWidth;
  return Math.min(240, Math.max(112, free / (columns - 1)));
}

function slotHeight(slot: Slot): number {
  return slot.node === undefined ? labelHeight : boxHeight;
}

function heightOf(column: readonly Slot[]): number {
  const boxes = column.reduce((sum, slot) => sum + slotHeight(slot), 0);
  return boxes + Math.max(0, column.length - 1) * rowGap;
}

function withPoints(
  { nodes, edges }: Flow,
  layers: ReadonlyMap<string, number>,
  back: ReadonlySet<FlowEdge>,
) {
  const slots: Slot[] = nodes.map((node) => ({
    id: node.id,
    layer: layers.get(node.id) ?? 0,
    node,
  }));
  const chains = edges.map((edge, index): Chain => {
    if (back.has(edge)) return { edge, slots: [] };
    const [from, to] = [layers.get(edge.from) ?? 0, layers.get(edge.to) ?? 0];
    const points = Array.from({ length: Math.max(0, to - from - 1) }, (_, step): Slot => {
      return { id: `point ${index} ${step}`, layer: from + 1 + step, node: undefined };
    });
    slots.push(...points);
    return { edge, slots: [edge.from, ...points.map(({ id }) => id), edge.to] };
  });
  return { slots, chains };
}

/** Orders each column by the average place of its neighbours, to and fro: fewer lines cross. */
function ordered(slots: readonly Slot[], chains: readonly Chain[]): readonly (readonly Slot[])[] {
  const groups = groupBy(slots, ({ layer }) => String(layer));
  let columns = [...groups.keys()]
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((key) => groups.get(key) ?? []);
  const neighbours = new Map<string, string[]>();
  for (const { slots: way } of chains) {
    for (const [index, id] of way.entries()) {
      const beside = [way[index - 1], way[index + 1]].filter((one) => one !== undefined);
      neighbours.set(id, [...(neighbours.get(id) ?? []), ...beside]);
    }
  }
  for (let round = 0; round < 6; round += 1) {
    const rank = new Map<string, number>();
    for (const column of columns) {
      for (const [index, { id }] of column.entries()) {
        rank.set(id, (index + 0.5) / column.length);
      }
    }
    const average = ({ id }: Slot): number => {
      const ranks = (neighbours.get(id) ?? []).map((one) => rank.get(one) ?? 0.5);
      return ranks.length === 0
        ? (rank.get(id) ?? 0.5)
        : ranks.reduce((sum, one) => sum + one, 0) / ranks.length;
    };
    columns = columns.map((column) => [...column].sort((a, b) => average(a) - average(b)));
  }
  return columns;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A smooth line from the right side of a box to the left side of another, through its points. */
function forwarding(edge: FlowEdge, way: readonly Point[], all: readonly FlowEdge[]): PlacedEdge {
  const last = way.length - 1;
  const stops = way.flatMap(({ x, y }, index): Point[] => {
    const right = { x: x + boxWidth, y };
    if (index === 0) return [right];
    return index === last ? [{ x: x - 6, y }] : [{ x, y }, right];
  });
  const [start = { x: 0, y: 0 }, ...rest] = stops;
  let path = `M ${start.x} ${start.y}`;
  let from = start;
  for (const to of rest) {
    const bend = (to.x - from.x) / 2;
    path += ` C ${from.x + bend} ${from.y}, ${to.x - bend} ${to.y}, ${to.x} ${to.y}`;
    from = to;
  }
  return { edge, path, ...labelOf(edge, stops, all) };
}

/** The label stands at the end where the line is alone, so that it is clear whose it is. */
function labelOf(edge: FlowEdge, stops: readonly Point[], all: readonly FlowEdge[]) {
  const leaving = all.filter(({ from }) => from === edge.from).length;
  const arriving = all.filter(({ to }) => to === edge.to).length;
  const atStart = leaving <= arriving;
  const pair = atStart ? stops.slice(0, 2) : stops.slice(-2);
  const [from = { x: 0, y: 0 }, to = from] = pair;
  const share = leaving === arriving ? 0.5 : atStart ? 0.34 : 0.66;
  // Where a cubic with level ends is at that share of its way.
  const eased = share * share * (3 - 2 * share);
  return {
    labelX: from.x + (to.x - from.x) * (0.5 + (share - 0.5) * 0.8),
    labelY: from.y + (to.y - from.y) * eased,
  };
}

/** Between two boxes of one column: out of the right side of the one and into that of the other. */
function beside(edge: FlowEdge, from: Point, to: Point): PlacedEdge {
  const down = to.y > from.y ? 1 : -1;
  const start = { x: from.x + boxWidth, y: from.y + down * 12 };
  const end = { x: to.x + boxWidth + 6, y: to.y - down * 12 };
  const bulge = start.x + 44;
  const path = `M ${start.x} ${start.y} C ${bulge} ${start.y}, ${bulge} ${end.y}, ${end.x} ${end.y}`;
  return { edge, path, labelX: start.x + 60, labelY: (start.y + end.y) / 2 };
}

/** Money that goes back leaves to the right, runs below everything, and comes in from below. */
function returning(edge: FlowEdge, from: Point, to: Point, low: number): PlacedEdge {
  const start = { x: from.x + boxWidth, y: from.y + 14 };
  const end = { x: to.x + boxWidth / 2, y: to.y + boxHeight / 2 + 6 };
  const out = start.x + returnWidth;
  const path = [
    `M ${start.x} ${start.y}`,
    `C ${out} ${start.y}, ${out} ${low}, ${start.x - 12} ${low}`,
    `H ${end.x + 16}`,
    `Q ${end.x} ${low} ${end.x} ${low - 16}`,
    `V ${end.y}`,
  ];
  return { edge, path: path.join(' '), labelX: (start.x + end.x) / 2, labelY: low };
}

/**
 * How far a line stands from the middle of its boxes, so that lines between the same two are apart.
 */
function shiftOf(edge: FlowEdge, all: readonly FlowEdge[]): number {
  const same = all.filter(({ from, to }) => from === edge.from && to === edge.to);
  return (same.indexOf(edge) - (same.length - 1) / 2) * Math.min(18, 44 / same.length);
}

function shifted({ x, y }: Point, by: number): Point {
  return { x, y: y + by };
}

/** Moves labels of one gap down until none covers another. */
function apart(edges: readonly PlacedEdge[]): readonly PlacedEdge[] {
  const sorted = [...edges].sort((a, b) => a.labelY - b.labelY);
  const placed: PlacedEdge[] = [];
  for (const edge of sorted) {
    const near = placed.filter(({ labelX }) => Math.abs(labelX - edge.labelX) < 104);
    let labelY = edge.labelY;
    for (const other of near) {
      if (Math.abs(other.labelY - labelY) < labelHeight) labelY = other.labelY + labelHeight;
    }
    placed.push({ ...edge, labelY });
  }
  return edges.map((edge) => placed.find((one) => one.edge === edge.edge) ?? edge);
}
