import { createInstance, type i18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { firstLanguage, type Language, languageKey } from './languages.ts';
import type { AppTexts } from './texts.ts';
import { uiTexts } from './ui-texts.ts';

/**
 * Languages for an app: its own texts in the namespace `app` (the default one), ours in `ui`.
 * Begins in the reader's language, keeps their choice in the browser and on `<html lang>`. A key
 * without a text throws, so that tests find it.
 */
export function createLanguages(texts: AppTexts): i18n {
  const instance = createInstance();
  const language = firstLanguage(readChoice(), navigator.languages);
  void instance.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    supportedLngs: ['zh-CN', 'en'],
    load: 'currentOnly',
    ns: ['app', 'ui'],
    defaultNS: 'app',
    initAsync: false,
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
    resources: {
      'zh-CN': { app: texts['zh-CN'], ui: uiTexts['zh-CN'] },
      en: { app: texts.en, ui: uiTexts.en },
    },
  });
  document.documentElement.lang = language;
  instance.on('languageChanged', (chosen) => {
    document.documentElement.lang = chosen;
  });
  return instance;
}

/** Changes the language and keeps the choice for the next visit. */
export function chooseLanguage(instance: i18n, language: Language): void {
  try {
    localStorage.setItem(languageKey, language);
  } catch {
    // A browser that keeps nothing (private mode) still changes the language for this visit.
  }
  void instance.changeLanguage(language);
}

function readChoice(): unknown {
  try {
    return localStorage.getItem(languageKey);
  } catch {
    // Storage is closed to us: then the browser's own languages decide.
    return undefined;
  }
}
