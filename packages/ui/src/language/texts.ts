/** Texts as nested objects of sentences; `{{name}}` is a placeholder. */
export interface Texts {
  readonly [key: string]: string | Texts;
}

/** Texts in both languages, with the same keys. */
export interface AppTexts {
  readonly 'zh-CN': Texts;
  readonly en: Texts;
}
