import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useLanguage } from '../language/use-language.ts';
import { formatInstant } from '../time/format-time.ts';
import { Notice } from './notice.tsx';

function subscribe(changed: () => void): () => void {
  addEventListener('online', changed);
  addEventListener('offline', changed);
  return () => {
    removeEventListener('online', changed);
    removeEventListener('offline', changed);
  };
}

/** Whether the device says that it has a network. */
export function useOnline(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => navigator.onLine,
    () => true,
  );
}

export interface ConnectionNoticeProps {
  /** Whether the last try to update what is on the page failed. */
  readonly failing: boolean;
  /** Milliseconds since the epoch when the page was last brought up to date. */
  readonly updatedAt: number;
}

/** Says that the page may be out of date, and since when. Nothing while all is well. */
export function ConnectionNotice({ failing, updatedAt }: ConnectionNoticeProps) {
  const { t } = useTranslation('ui');
  const language = useLanguage();
  const online = useOnline();
  if (!online) return <Notice tone="attention">{t('offline')}</Notice>;
  if (!failing || updatedAt === 0) return null;
  const time = formatInstant(new Date(updatedAt).toISOString(), language, 'clock');
  return <Notice tone="attention">{t('stale', { time })}</Notice>;
}
