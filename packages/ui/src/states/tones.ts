/**
 * What a state asks of the reader: `attention` something from them, `progress` to wait, `good` and
 * `bad` how it ended, `neutral` nothing.
 */
export type Tone = 'neutral' | 'attention' | 'progress' | 'good' | 'bad';

export interface StateText {
  /** In a word or two. */
  readonly label: string;
  /** What it means for the money and for the reader, in a sentence. */
  readonly meaning: string;
}

export interface StateMeaning {
  readonly tone: Tone;
  readonly zh: StateText;
  readonly en: StateText;
}

/** One line of a table of states. */
export function state(
  tone: Tone,
  zh: readonly [label: string, meaning: string],
  en: readonly [label: string, meaning: string],
): StateMeaning {
  return {
    tone,
    zh: { label: zh[0], meaning: zh[1] },
    en: { label: en[0], meaning: en[1] },
  };
}
