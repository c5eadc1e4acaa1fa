import { useId } from 'react';
import { formatMoney } from '../money/format-money.ts';
import { type Flow, flowEdgeStates } from './flow.ts';
import { FlowBox, fitText } from './flow-box.tsx';
import { boxHeight, boxWidth, type PlacedEdge, wideLayout } from './wide-layout.ts';

/** Columns from left to right. Scrolls sideways when there are more columns than fit. */
export function WidePicture({ flow, width }: { readonly flow: Flow; readonly width: number }) {
  const layout = wideLayout(flow, width);
  const prefix = useId();
  const { width: w, height: h } = layout;
  return (
    <svg className="kt-flow-picture" viewBox={`0 0 ${w} ${h}`} width={w} height={h}>
      <title>flow</title>
      <ArrowHeads prefix={prefix} />
      {layout.edges.map(({ edge, path }, index) => (
        <path
          key={`${edge.from} ${edge.to} ${String(index)}`}
          className={`kt-flow-line kt-flow-${edge.state}`}
          d={path}
          markerEnd={`url(#${prefix}-${edge.state})`}
        />
      ))}
      {layout.edges.map((placed, index) => (
        <EdgeLabel key={`${placed.edge.from} ${placed.edge.to} ${String(index)}`} placed={placed} />
      ))}
      {layout.nodes.map(({ node, x, y }) => (
        <FlowBox key={node.id} node={node} x={x} y={y} width={boxWidth} height={boxHeight} />
      ))}
    </svg>
  );
}

export function ArrowHeads({ prefix }: { readonly prefix: string }) {
  return (
    <defs>
      {flowEdgeStates.map((state) => (
        <marker
          key={state}
          id={`${prefix}-${state}`}
          viewBox="0 0 8 8"
          refX="5"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          markerUnits="userSpaceOnUse"
          orient="auto"
        >
          <path className={`kt-flow-head kt-flow-head-${state}`} d="M 0 0.5 L 7 4 L 0 7.5 Z" />
        </marker>
      ))}
    </defs>
  );
}

function EdgeLabel({ placed }: { readonly placed: PlacedEdge }) {
  const { edge, labelX, labelY } = placed;
  const text = formatMoney(edge.money);
  return (
    <text className={`kt-flow-label kt-flow-label-${edge.state}`} x={labelX} y={labelY + 4}>
      {edge.label === undefined ? text : `${fitText(edge.label, 60)} ${text}`}
    </text>
  );
}
