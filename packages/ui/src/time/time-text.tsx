import { useTranslation } from 'react-i18next';
import { useLanguage } from '../language/use-language.ts';
import { formatInstant } from './format-time.ts';

/** An instant in Beijing time, in the reader's language. */
export function TimeText(props: {
  readonly at: string;
  readonly shape?: 'date' | 'minute' | 'second' | 'clock';
}) {
  const language = useLanguage();
  const { t } = useTranslation('ui');
  return (
    <time dateTime={props.at} title={t('time.zone')} className="kt-time">
      {formatInstant(props.at, language, props.shape)}
    </time>
  );
}
