import type { ReactNode } from 'react';
import type { Money } from '../money/format-money.ts';
import { MoneyText } from '../money/money.tsx';
import type { Tone } from '../states/tones.ts';
import { TimeText } from '../time/time-text.tsx';
import './timeline.css';

export interface TimelineLine {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly text: ReactNode;
  readonly detail?: ReactNode;
  readonly money?: Money;
  readonly tone?: Tone;
}

/** What happened, one line each, in the order given. */
export function Timeline({ lines }: { readonly lines: readonly TimelineLine[] }) {
  return (
    <ol className="kt-timeline">
      {lines.map((line) => (
        <li key={line.id} className={`kt-timeline-${line.tone ?? 'neutral'}`}>
          <div className="kt-timeline-head">
            <span>{line.text}</span>
            {line.money === undefined ? null : <MoneyText money={line.money} strong />}
          </div>
          {line.detail === undefined ? null : <p className="kt-timeline-detail">{line.detail}</p>}
          <p className="kt-timeline-time">
            <TimeText at={line.at} />
          </p>
        </li>
      ))}
    </ol>
  );
}
