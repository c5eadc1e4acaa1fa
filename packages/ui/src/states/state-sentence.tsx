import { useLanguage } from '../language/use-language.ts';
import { stateMeaning } from './state-meaning.ts';
import type { StateTagProps } from './state-tag.tsx';
import './state-tag.css';

/** A state in a word and what it means beside it, where there is room for a sentence. */
export function StateSentence({ kind, state }: StateTagProps) {
  const language = useLanguage();
  const { label, meaning, tone } = stateMeaning(kind, state, language);
  return (
    <p className="kt-state-sentence">
      <strong className={`kt-tag kt-tag-${tone}`}>{label}</strong>
      <span>{meaning}</span>
    </p>
  );
}
