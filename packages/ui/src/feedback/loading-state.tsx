import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import './feedback.css';

const slowAfterMs = 4_000;

/** The shape of what comes; after some seconds it says that it takes longer than usual. */
export function LoadingState({ label }: { readonly label?: string }) {
  const { t } = useTranslation('ui');
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), slowAfterMs);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="kt-loading" role="status" aria-busy="true">
      <span className="kt-loading-bar" />
      <span className="kt-loading-bar" />
      <span className="kt-loading-bar" />
      <span className="kt-loading-bar" />
      {slow ? <p>{t('slow')}</p> : <span className="kt-hidden">{label ?? t('loading')}</span>}
    </div>
  );
}
