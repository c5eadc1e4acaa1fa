import { formatMoney, type Money } from '@keyturn/ui';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { type AfterPaying, AfterPayingButtons } from './after-paying.tsx';

// Drawing codes is asked for by those who scan one.
const QrCode = lazy(() => import('./qr-code.tsx'));

interface CodeProps extends AfterPaying {
  readonly amount: Money;
  readonly codeUrl: string;
}

/** A code to scan with WeChat. */
export function WechatCode({ amount, codeUrl, ...after }: CodeProps) {
  const { t } = useTranslation();
  const touch = matchMedia('(pointer: coarse)').matches;
  const shown = formatMoney(amount);
  return (
    <div className="pay-step pay-step-center">
      <h2>{t('native.title')}</h2>
      <Suspense fallback={<div className="pay-qr" role="status" aria-busy="true" />}>
        <QrCode text={codeUrl} label={t('native.code', { amount: shown })} />
      </Suspense>
      <p className="pay-check">
        {t('native.amount')} <strong>{shown}</strong>
      </p>
      <p className="pay-advice">{touch ? t('native.phone') : t('native.computer')}</p>
      <AfterPayingButtons {...after} />
    </div>
  );
}
