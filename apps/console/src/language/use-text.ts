import { useTranslation } from 'react-i18next';
import type { consoleTexts } from './texts.ts';

/** The paths of all sentences in a tree of texts: `payouts.title`. */
type Leaves<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}`;
}[keyof T & string];

export type TextKey = Leaves<(typeof consoleTexts)['en']>;
export type Values = Readonly<Record<string, string | number>>;
export type Text = (key: TextKey, values?: Values) => string;

/** The console's texts in the reader's language. */
export function useText(): Text {
  const { t } = useTranslation('app');
  return (key, values) => t(key, { ...values });
}

/** Groups of words for what the server names by keys of its own, which may know more than we do. */
export type TermGroup = keyof (typeof consoleTexts)['en']['terms'];

/** The word for a key of the server's, or the key itself when we have none for it. */
export function useTerm(): (group: TermGroup, key: string) => string {
  const { t, i18n } = useTranslation('app');
  return (group, key) => {
    const path = `terms.${group}.${key}`;
    return i18n.exists(path) ? t(path) : key.replaceAll('_', ' ');
  };
}
