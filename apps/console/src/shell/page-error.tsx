import { ErrorState } from '@keyturn/ui';

/**
 * A page that broke, or whose code could not be loaded: the frame stays, and so does the way on.
 */
export function PageError({ error }: { readonly error: unknown }) {
  return <ErrorState error={error} onRetry={() => location.reload()} />;
}
