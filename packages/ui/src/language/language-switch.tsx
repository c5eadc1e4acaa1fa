import { useTranslation } from 'react-i18next';
import { chooseLanguage } from './i18n.ts';
import { type Language, languageNames } from './languages.ts';
import { useLanguage } from './use-language.ts';
import './language-switch.css';

const all = Object.entries(languageNames) as readonly [Language, string][];

/** Two buttons, one per language, each named in its own; the one on screen is pressed. */
export function LanguageSwitch() {
  const { t, i18n } = useTranslation('ui');
  const current = useLanguage();
  return (
    <fieldset className="kt-languages" aria-label={t('language')}>
      {all.map(([language, name]) => (
        <button
          key={language}
          type="button"
          lang={language}
          aria-pressed={language === current}
          onClick={() => chooseLanguage(i18n, language)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}
