import type { Tone } from '@keyturn/ui';
import type { ReactNode } from 'react';
import './tag.css';

/** How something is in a word, where no table of states has it. */
export function Tag({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return <span className={`kc-tag kc-tag-${tone}`}>{children}</span>;
}
