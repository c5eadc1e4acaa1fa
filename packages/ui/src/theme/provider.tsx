import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ConfigProvider } from 'antd';
import enLocale from 'antd/locale/en_US';
import zhLocale from 'antd/locale/zh_CN';
import type { i18n } from 'i18next';
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react';
import { I18nextProvider } from 'react-i18next';
import { ErrorBoundary } from '../feedback/error-boundary.tsx';
import type { Language } from '../language/languages.ts';
import { useLanguage } from '../language/use-language.ts';
import { useReducedMotion } from './reduced-motion.ts';
import { colors, fontFamily, theme } from './theme.ts';
import './base.css';

/** The theme's colours as custom properties, for our own style sheets. */
const variables = Object.fromEntries([
  ...Object.entries(colors).map(([name, value]) => [
    `--kt-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    value,
  ]),
  ['--kt-font', fontFamily],
]) as CSSProperties;

export interface UiProviderProps {
  readonly languages: i18n;
  readonly queries: QueryClient;
  readonly children: ReactNode;
}

/** What every app stands in: languages, queries, theme, and a net under all of it. */
export function UiProvider({ languages, queries, children }: UiProviderProps) {
  return (
    <I18nextProvider i18n={languages}>
      <QueryClientProvider client={queries}>
        <Themed queries={queries}>{children}</Themed>
      </QueryClientProvider>
    </I18nextProvider>
  );
}

function Themed({ queries, children }: Pick<UiProviderProps, 'queries' | 'children'>) {
  const language = useLanguage();
  const still = useReducedMotion();
  const config = { ...theme, token: { ...theme.token, motion: !still } };
  useAskAgainIn(language, queries);
  return (
    <ConfigProvider
      theme={config}
      locale={language === 'en' ? enLocale : zhLocale}
      button={{ autoInsertSpace: false }}
    >
      <div className="kt-root" style={variables}>
        <ErrorBoundary>{children}</ErrorBoundary>
      </div>
    </ConfigProvider>
  );
}

/** The sentences of problems come from the server: in another language they are asked for again. */
function useAskAgainIn(language: Language, queries: QueryClient): void {
  const before = useRef(language);
  useEffect(() => {
    if (before.current === language) return;
    before.current = language;
    void queries.refetchQueries({ predicate: ({ state }) => state.error !== null });
  }, [language, queries]);
}
