import type { Language } from '../language/languages.ts';
import { bankStates } from './bank-states.ts';
import { dealStates } from './deal-states.ts';
import { paymentStates } from './payment-states.ts';
import type { StateMeaning, StateText, Tone } from './tones.ts';
import { watchStates } from './watch-states.ts';

const tables = { ...paymentStates, ...dealStates, ...bankStates, ...watchStates };

/** What a state belongs to. */
export type StateKind = keyof typeof tables;

export const stateKinds = Object.keys(tables) as readonly StateKind[];

/** All states of a kind that have a meaning, in the order of their life. */
export function statesOf(kind: StateKind): readonly string[] {
  return Object.keys(tables[kind]);
}

/**
 * What a state means. A state that we have no words for (a newer server's) is shown by its code, in
 * a neutral tone: better than nothing, and never a broken page.
 */
export function stateMeaning(
  kind: StateKind,
  state: string,
  language: Language,
): StateText & { readonly tone: Tone; readonly known: boolean } {
  const table: Readonly<Record<string, StateMeaning>> = tables[kind];
  const entry = Object.hasOwn(table, state) ? table[state] : undefined;
  if (entry === undefined) return { tone: 'neutral', label: state, meaning: '', known: false };
  const text = language === 'zh-CN' ? entry.zh : entry.en;
  return { tone: entry.tone, label: text.label, meaning: text.meaning, known: true };
}
