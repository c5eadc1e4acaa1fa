/** The languages in which Keyturn speaks to people, each with its own name for itself. */
export const languageNames = { 'zh-CN': '中文', en: 'English' } as const;
export type Language = keyof typeof languageNames;

/** A text that comes in both languages with the data, such as the name of a fund item. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

export function pickText(text: Bilingual, language: Language): string {
  return language === 'zh-CN' ? text.zh : text.en;
}

export function isLanguage(text: unknown): text is Language {
  return text === 'zh-CN' || text === 'en';
}

/** Where the reader's choice is kept between visits, for all of Keyturn's pages. */
export const languageKey = 'keyturn.language';

/**
 * The language to begin with: what was chosen before, then the first of the browser's languages
 * that we speak, then Chinese.
 */
export function firstLanguage(stored: unknown, preferred: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  for (const tag of preferred) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'zh-CN';
}
