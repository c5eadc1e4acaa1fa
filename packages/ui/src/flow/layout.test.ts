import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Flow, soundFlow } from './flow.ts';
import { fitText } from './flow-box.tsx';
import { backEdges, layersOf } from './layers.ts';
import { narrowLayout } from './narrow-layout.ts';
import { boxHeight, boxWidth, wideLayout } from './wide-layout.ts';

const money = { amount: 100n, currency: 'CNY' };

function flowOf(ids: readonly string[], pairs: readonly (readonly [string, string])[]): Flow {
  return {
    nodes: ids.map((id) => ({ id, label: id, kind: 'party' })),
    edges: pairs.map(([from, to]) => ({ from, to, money, state: 'done' })),
  };
}

const anyFlow = fc
  .integer({ min: 1, max: 9 })
  .chain((count) => {
    const ids = Array.from({ length: count }, (_, index) => `n${index}`);
    const id = fc.constantFrom(...ids);
    return fc.tuple(fc.constant(ids), fc.array(fc.tuple(id, id), { maxLength: 16 }));
  })
  .map(([ids, pairs]) => soundFlow(flowOf(ids, pairs)));

const sale = flowOf(
  ['buyer', 'deposit', 'price', 'seller', 'store'],
  [
    ['buyer', 'deposit'],
    ['buyer', 'price'],
    ['deposit', 'seller'],
    ['price', 'seller'],
    ['buyer', 'store'],
  ],
);

test('money moves from left to right', () => {
  const layers = layersOf(sale);
  expect([...layers.values()]).toEqual([0, 1, 1, 2, 1]);
});

test('money that goes back does not turn the picture around', () => {
  const flow = flowOf(
    ['buyer', 'deposit'],
    [
      ['buyer', 'deposit'],
      ['deposit', 'buyer'],
    ],
  );
  expect([...layersOf(flow).values()]).toEqual([0, 1]);
  expect([...backEdges(flow)].map(({ from }) => from)).toEqual(['deposit']);
});

test('what one fund passes to another stays in their column', () => {
  const flow: Flow = {
    nodes: [
      { id: 'buyer', label: 'buyer', kind: 'party' },
      { id: 'intention', label: 'intention', kind: 'held' },
      { id: 'deposit', label: 'deposit', kind: 'held' },
    ],
    edges: [
      { from: 'buyer', to: 'intention', money, state: 'done' },
      { from: 'intention', to: 'deposit', money, state: 'done' },
    ],
  };
  expect([...layersOf(flow).values()]).toEqual([0, 1, 1]);
});

test('a fund that nothing was paid into yet stands with the others', () => {
  const flow: Flow = {
    nodes: [
      { id: 'buyer', label: 'buyer', kind: 'party' },
      { id: 'deposit', label: 'deposit', kind: 'held' },
      { id: 'intention', label: 'intention', kind: 'held' },
    ],
    edges: [{ from: 'buyer', to: 'deposit', money, state: 'done' }],
  };
  expect(layersOf(flow).get('intention')).toBe(1);
});

test('every edge that is not a way back points to a later layer', () => {
  fc.assert(
    fc.property(anyFlow, (flow) => {
      const layers = layersOf(flow);
      const back = backEdges(flow);
      for (const edge of flow.edges.filter((one) => !back.has(one))) {
        expect(layers.get(edge.from) ?? 0).toBeLessThan(layers.get(edge.to) ?? 0);
      }
    }),
  );
});

test('in a wide picture no box covers another, and all lie inside', () => {
  fc.assert(
    fc.property(anyFlow, fc.integer({ min: 640, max: 1280 }), (flow, width) => {
      const layout = wideLayout(flow, width);
      expect(layout.nodes.length).toBe(flow.nodes.length);
      expect(layout.edges.length).toBe(flow.edges.length);
      for (const [index, one] of layout.nodes.entries()) {
        expect(one.x).toBeGreaterThanOrEqual(0);
        expect(one.x + boxWidth).toBeLessThanOrEqual(layout.width);
        expect(one.y).toBeGreaterThanOrEqual(0);
        expect(one.y + boxHeight).toBeLessThanOrEqual(layout.height);
        for (const other of layout.nodes.slice(index + 1)) {
          const beside = Math.abs(one.x - other.x) >= boxWidth;
          expect(beside || Math.abs(one.y - other.y) >= boxHeight).toBe(true);
        }
      }
    }),
  );
});

test('labels of a wide picture stand apart', () => {
  const { edges } = wideLayout(sale, 900);
  for (const [index, one] of edges.entries()) {
    for (const other of edges.slice(index + 1)) {
      const beside = Math.abs(one.labelX - other.labelX) >= 104;
      expect(beside || Math.abs(one.labelY - other.labelY) >= 22).toBe(true);
    }
  }
});

test('a narrow picture tells every edge once, from sources to ends', () => {
  fc.assert(
    fc.property(anyFlow, (flow) => {
      const { groups } = narrowLayout(flow);
      expect(groups.flatMap(({ edges }) => edges).length).toBe(flow.edges.length);
      const ys = groups.flatMap(({ y, edges }) => [y, ...edges.map((line) => line.y)]);
      expect(ys).toEqual([...ys].sort((a, b) => a - b));
    }),
  );
});

test('a place that one line leads to is told by that line alone', () => {
  const { groups } = narrowLayout(sale);
  expect(groups.map(({ node }) => node.id)).toEqual(['buyer', 'deposit', 'price', 'seller']);
});

test('an edge to nowhere is left out', () => {
  const flow = flowOf(
    ['buyer'],
    [
      ['buyer', 'nobody'],
      ['buyer', 'buyer'],
    ],
  );
  expect(soundFlow(flow).edges).toEqual([]);
});

test('a long name is cut to its room', () => {
  expect(fitText('定金', 100)).toBe('定金');
  expect(fitText('很长很长的款项名称', 60)).toBe('很长很…');
});
