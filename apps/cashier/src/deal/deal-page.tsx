import { ApiError, Card, ConnectionNotice, ErrorState, LoadingState } from '@keyturn/ui';
import { useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../api.ts';
import { CashierPage } from '../cashier-page.tsx';
import { NoSuchPage } from '../no-such-page.tsx';
import { usePolled } from '../polling.ts';
import { DealMoneySchema } from './deal-money.ts';
import { DealView } from './deal-view.tsx';
import './deal.css';

/**
 * States after which money moves only by rare accidents; the page still asks when it is looked at.
 */
const over = new Set(['released', 'refunded', 'partly_refunded', 'canceled']);

/** `/deal/{token}`: what a party of a deal sees of its money. */
export function DealPage() {
  const { token = '' } = useParams({ strict: false });
  const { t } = useTranslation();
  const api = useApi();
  const path = `/v1/deal-views/${encodeURIComponent(token)}`;
  const query = usePolled({
    key: ['deal', token],
    read: (signal) => api.get(path, { schema: DealMoneySchema, signal }),
    isOver: ({ deal, next }) => over.has(deal.state) && next.length === 0,
  });
  const { data, error } = query;
  const title = data?.deal.title;
  useEffect(() => {
    document.title = title === undefined ? t('deal.title') : `${t('deal.title')} · ${title}`;
  }, [title, t]);
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return <NoSuchPage />;
  }
  return (
    <CashierPage width="middle">
      <ConnectionNotice
        failing={error !== null && data !== undefined}
        updatedAt={query.dataUpdatedAt}
      />
      {data !== undefined ? (
        <DealView money={data} />
      ) : (
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
      )}
    </CashierPage>
  );
}
