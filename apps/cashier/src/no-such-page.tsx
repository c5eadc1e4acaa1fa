import { Card, EmptyState } from '@keyturn/ui';
import { useTranslation } from 'react-i18next';
import { CashierPage } from './cashier-page.tsx';

/** Shown for an address that is none of ours, and for a link that is over. */
export function NoSuchPage() {
  const { t } = useTranslation();
  return (
    <CashierPage width="narrow">
      <Card>
        <EmptyState title={t('link.title')} description={t('link.advice')} />
      </Card>
    </CashierPage>
  );
}
