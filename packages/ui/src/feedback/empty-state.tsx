import type { ReactNode } from 'react';
import { StatusArt } from './status-art.tsx';
import './feedback.css';

export interface EmptyStateProps {
  /** What is not there: "No exceptions are open". */
  readonly title: string;
  /** Why, or what makes it come. */
  readonly description?: string;
  /** What to do next. */
  readonly children?: ReactNode;
}

/** A list or page with nothing on it says so, and says what comes next. */
export function EmptyState({ title, description, children }: EmptyStateProps) {
  return (
    <section className="kt-feedback">
      <StatusArt kind="neutral" />
      <h2>{title}</h2>
      {description === undefined ? null : <p>{description}</p>}
      {children}
    </section>
  );
}
