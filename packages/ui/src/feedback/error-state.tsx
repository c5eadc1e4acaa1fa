import { Button } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/problem.ts';
import { StatusArt } from './status-art.tsx';
import './feedback.css';

export interface ErrorStateProps {
  /** What was thrown; an ApiError is told by its kind, with the server's own sentence. */
  readonly error: unknown;
  /** Shown as a button when trying again can help. */
  readonly onRetry?: (() => void) | undefined;
  readonly retrying?: boolean;
  /** Takes the place of the whole page, and offers to load it again. */
  readonly page?: boolean;
  /** More to do than to try again. */
  readonly children?: ReactNode;
}

/** What went wrong, in the reader's language, and what to do about it. */
export function ErrorState({ error, onRetry, retrying, page, children }: ErrorStateProps) {
  const { t } = useTranslation('ui');
  const { title, detail, reference } = useErrorText(error);
  const retry = canHelp(error) ? onRetry : undefined;
  return (
    <section className={page ? 'kt-feedback kt-feedback-page' : 'kt-feedback'} role="alert">
      <StatusArt kind="bad" />
      <h2>{title}</h2>
      <p>{detail}</p>
      {reference === undefined ? null : (
        <p className="kt-feedback-reference">
          {t('reference')} <code>{reference}</code>
        </p>
      )}
      {retry ? (
        <Button type="primary" size="large" loading={retrying ?? false} onClick={retry}>
          {t('retry')}
        </Button>
      ) : null}
      {page && !onRetry ? (
        <Button type="primary" size="large" onClick={() => location.reload()}>
          {t('reload')}
        </Button>
      ) : null}
      {children}
    </section>
  );
}

/** Asking again for what is not there, or with an address that is none, gives the same answer. */
function canHelp(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.kind !== 'problem') return true;
  return error.status !== 404 && error.status !== 400;
}

export interface ErrorText {
  readonly title: string;
  readonly detail: string;
  /** The server's id of the request, to tell support. */
  readonly reference: string | undefined;
}

/** The words for a failure, for components that show it in their own way. */
export function useErrorText(error: unknown): ErrorText {
  const { t } = useTranslation('ui');
  if (!(error instanceof ApiError)) {
    const title = t('errors.unexpectedTitle');
    return { title, detail: t('errors.unexpected'), reference: undefined };
  }
  const { problem } = error;
  if (error.kind === 'problem' && problem !== undefined) {
    const said = [problem.detail, problem.channel_message, problem.next_step];
    const detail = said.filter((sentence) => sentence !== undefined && sentence !== '').join(' ');
    const reference = problem.status >= 500 ? problem.request_id : undefined;
    const title = t(problem.status === 404 ? 'errors.notFoundTitle' : 'errors.problemTitle');
    return { title, detail, reference };
  }
  const kind = error.kind === 'problem' ? 'unreadable' : error.kind;
  return { title: t(`errors.${kind}Title`), detail: t(`errors.${kind}`), reference: undefined };
}
