import type { ReactNode } from 'react';
import type { Tone } from '../states/tones.ts';
import './feedback.css';

export interface NoticeProps {
  readonly tone: Tone;
  readonly children: ReactNode;
}

/** A sentence that the reader should not miss; announced when it appears. */
export function Notice({ tone, children }: NoticeProps) {
  return (
    <div className={`kt-notice kt-notice-${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <div>{children}</div>
    </div>
  );
}
