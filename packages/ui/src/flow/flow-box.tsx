import { formatMoney } from '../money/format-money.ts';
import type { FlowNode } from './flow.ts';

export interface FlowBoxProps {
  readonly node: FlowNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A place: its name, and below it what lies there or another word about it. */
export function FlowBox({ node, x, y, width, height }: FlowBoxProps) {
  const second = node.money === undefined ? node.detail : formatMoney(node.money);
  const middle = y + height / 2;
  const room = width - 32;
  return (
    <g className={`kt-flow-box kt-flow-box-${node.kind}`}>
      <rect x={x} y={y} width={width} height={height} rx="10" />
      <rect className="kt-flow-stripe" x={x} y={y + 14} width="4" height={height - 28} rx="2" />
      <text className="kt-flow-name" x={x + 18} y={second === undefined ? middle + 5 : middle - 5}>
        {fitText(node.label, room)}
      </text>
      {second === undefined ? null : (
        <text
          className={node.money === undefined ? 'kt-flow-detail' : 'kt-flow-amount'}
          x={x + 18}
          y={middle + 17}
        >
          {fitText(second, room)}
        </text>
      )}
    </g>
  );
}

/** The text cut to a width in pixels at 14 px, by the usual widths of Chinese and Latin signs. */
export function fitText(text: string, width: number): string {
  const measure = (sign: string) => (/[\u2e80-\uffef]/.test(sign) ? 14 : 7.4);
  const signs = [...text];
  const whole = signs.reduce((sum, sign) => sum + measure(sign), 0);
  if (whole <= width) return text;
  let used = 10;
  const kept = signs.filter((sign) => {
    used += measure(sign);
    return used <= width;
  });
  return `${kept.join('')}…`;
}
