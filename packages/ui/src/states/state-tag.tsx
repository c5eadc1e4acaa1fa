import { Tooltip } from 'antd';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../language/use-language.ts';
import { type StateKind, stateMeaning } from './state-meaning.ts';
import './state-tag.css';

export interface StateTagProps {
  readonly kind: StateKind;
  readonly state: string;
}

/**
 * A state in a word, with what it means on hover, focus or tap. Screen readers hear the meaning as
 * its description.
 */
export function StateTag({ kind, state }: StateTagProps) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  const id = useId();
  const { label, meaning, tone, known } = stateMeaning(kind, state, language);
  const description = known ? meaning : t('stateUnknown');
  return (
    <Tooltip title={description} trigger={['hover', 'focus']}>
      <button type="button" className={`kt-tag kt-tag-${tone}`} aria-describedby={id}>
        {label}
        <span id={id} hidden>
          {description}
        </span>
      </button>
    </Tooltip>
  );
}
