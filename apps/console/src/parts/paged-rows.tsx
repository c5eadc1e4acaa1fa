import { EmptyState, ErrorState, LoadingState, Notice, useErrorText } from '@keyturn/ui';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useText } from '../language/use-text.ts';
import type { Pages } from './use-pages.ts';

export interface PagedRowsProps<T> {
  /** What is listed, said while it is on its way. */
  readonly label: string;
  readonly pages: Pages<T>;
  readonly empty: { readonly title: string; readonly description?: string };
  readonly children: (rows: readonly T[]) => ReactNode;
}

/** Below this everybody sees at a glance how many there are. */
const worthCounting = 10;

/** A list in all its states: on its way, not to be had, empty, there, and with more to come. */
export function PagedRows<T>({ label, pages, empty, children }: PagedRowsProps<T>) {
  const text = useText();
  const { rows, query } = pages;
  if (rows === undefined) {
    return query.error === null ? (
      <div className="kc-padded">
        <LoadingState label={label} />
      </div>
    ) : (
      <ErrorState error={query.error} onRetry={() => query.refetch()} />
    );
  }
  if (rows.length === 0) return <EmptyState {...empty} />;
  return (
    <>
      {query.error === null ? null : <Stale error={query.error} />}
      {children(rows)}
      {query.hasNextPage ? (
        <div className="kc-more">
          <Button loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
            {text('list.more')}
          </Button>
        </div>
      ) : rows.length < worthCounting ? null : (
        <p className="kc-end-of-list">{text('list.count', { count: rows.length })}</p>
      )}
    </>
  );
}

/** What is shown is older than it looks: the last try to bring it up to date failed. */
function Stale({ error }: { readonly error: unknown }) {
  const { detail } = useErrorText(error);
  return (
    <div className="kc-padded">
      <Notice tone="attention">{detail}</Notice>
    </div>
  );
}
