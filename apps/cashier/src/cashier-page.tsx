import { Page } from '@keyturn/ui';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** The frame of all pages of the cashier. */
export function CashierPage(props: {
  readonly width: 'narrow' | 'middle';
  readonly children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Page brand={t('brand')} width={props.width} footer={<p>{t('footer')}</p>}>
      {props.children}
    </Page>
  );
}
