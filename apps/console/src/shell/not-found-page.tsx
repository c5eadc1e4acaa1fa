import { EmptyState } from '@keyturn/ui';
import { Link } from '@tanstack/react-router';
import { useText } from '../language/use-text.ts';

/** An address that leads nowhere. */
export function NotFoundPage() {
  const text = useText();
  return (
    <EmptyState title={text('notFound.title')} description={text('notFound.description')}>
      <Link to="/">{text('notFound.back')}</Link>
    </EmptyState>
  );
}
