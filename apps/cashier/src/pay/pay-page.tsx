import {
  ApiError,
  Card,
  ConnectionNotice,
  ErrorState,
  LoadingState,
  useLanguage,
} from '@keyturn/ui';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { CashierPage } from '../cashier-page.tsx';
import { NoSuchPage } from '../no-such-page.tsx';
import { wordsOf } from './cashier.ts';
import { PayOrder } from './pay-order.tsx';
import { useCashier } from './use-cashier.ts';
import './pay.css';

/** `/pay/{token}`: what the payer of an order sees, from the choice of a method to the end. */
export function PayPage() {
  const { token = '' } = useParams({ strict: false });
  const { t } = useTranslation();
  const { query, pay, clock } = useCashier(token);
  const { data, error } = query;
  const language = useLanguage();
  const subject = data && wordsOf(data, language).subject;
  useEffect(() => {
    document.title = subject === undefined ? t('pay.title') : `${t('pay.title')} · ${subject}`;
  }, [subject, t]);
  if (error instanceof ApiError && error.status !== undefined && error.status < 500) {
    if (error.status === 404 || error.status === 400) return <NoSuchPage />;
  }
  return (
    <CashierPage width="narrow">
      <ConnectionNotice
        failing={error !== null && data !== undefined}
        updatedAt={query.dataUpdatedAt}
      />
      {data === undefined ? (
        <Card>
          {error === null ? (
            <LoadingState />
          ) : (
            <ErrorState
              error={error}
              retrying={query.isFetching}
              onRetry={() => void query.refetch()}
            />
          )}
        </Card>
      ) : (
        <PayOrder
          cashier={data}
          clock={clock}
          pay={pay}
          checking={query.isFetching}
          check={async () => {
            await query.refetch();
          }}
        />
      )}
    </CashierPage>
  );
}
