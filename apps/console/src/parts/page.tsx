import type { ReactNode } from 'react';
import { useEffect } from 'react';
import './page.css';

export interface PageProps {
  readonly title: string;
  /** What stands here, in one sentence. */
  readonly lead?: ReactNode;
  /** Beside the title: the state of the one object that the page is about. */
  readonly mark?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A page's head and body. The title is also the browser tab's. */
export function Page({ title, lead, mark, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Keyturn`;
  }, [title]);
  return (
    <div className="kc-page">
      <header className="kc-page-head">
        <div className="kc-page-title">
          <h1>
            {title} {mark}
          </h1>
          {lead === undefined ? null : <p>{lead}</p>}
        </div>
        {actions === undefined ? null : <div className="kc-page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export interface PanelProps {
  readonly title?: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  /** No inner margin: for tables, which have their own. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** One thing on a page, with its heading. */
export function Panel({ title, lead, actions, flush, children }: PanelProps) {
  return (
    <section className={flush ? 'kc-panel kc-panel-flush' : 'kc-panel'} aria-label={title}>
      {title === undefined ? null : (
        <div className="kc-panel-head">
          <div>
            <h2>{title}</h2>
            {lead === undefined ? null : <p>{lead}</p>}
          </div>
          {actions}
        </div>
      )}
      <div className="kc-panel-body">{children}</div>
    </section>
  );
}
