import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { formatMoney } from '../money/format-money.ts';
import type { Flow } from './flow.ts';
import { FlowBox, fitText } from './flow-box.tsx';
import { headHeight, lineHeight, type NarrowGroup, narrowLayout } from './narrow-layout.ts';
import { ArrowHeads } from './wide-picture.tsx';

const railX = 20;
const textX = 48;

/** Places from top to bottom, each with what leaves it. */
export function NarrowPicture({ flow, width }: { readonly flow: Flow; readonly width: number }) {
  const { groups, height } = narrowLayout(flow);
  const prefix = useId();
  return (
    <svg
      className="kt-flow-picture"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
    >
      <title>flow</title>
      <ArrowHeads prefix={prefix} />
      {groups.map((group) => (
        <Group key={group.node.id} group={group} width={width} prefix={prefix} />
      ))}
    </svg>
  );
}

interface GroupProps {
  readonly group: NarrowGroup;
  readonly width: number;
  readonly prefix: string;
}

function Group({ group, width, prefix }: GroupProps) {
  const { t } = useTranslation('ui');
  const { node, y, edges } = group;
  return (
    <g>
      <FlowBox node={node} x={0.5} y={y + 0.5} width={width - 1} height={headHeight - 1} />
      {edges.map(({ edge, to, y: middle }, index) => {
        const top = middle - lineHeight / 2;
        const bend = `V ${middle - 8} Q ${railX} ${middle} ${railX + 8} ${middle} H ${textX - 8}`;
        return (
          <g key={`${edge.to} ${String(index)}`}>
            {index === edges.length - 1 ? null : (
              <path className="kt-flow-rail" d={`M ${railX} ${top} V ${top + lineHeight}`} />
            )}
            <path
              className={`kt-flow-line kt-flow-${edge.state}`}
              d={`M ${railX} ${top} ${bend}`}
              markerEnd={`url(#${prefix}-${edge.state})`}
            />
            <text className="kt-flow-target" x={textX} y={middle - 2}>
              {fitText(to.label, width - textX - 130)}
            </text>
            <text className="kt-flow-amount kt-flow-right" x={width - 4} y={middle - 2}>
              {formatMoney(edge.money)}
            </text>
            <text className={`kt-flow-state kt-flow-label-${edge.state}`} x={textX} y={middle + 15}>
              {[edge.label, t(`flow.${edge.state}`)].filter(Boolean).join(' · ')}
            </text>
          </g>
        );
      })}
    </g>
  );
}
