import { EmptyState } from '@keyturn/ui';
import type { ReactNode } from 'react';
import { useText } from '../language/use-text.ts';
import { Panel } from '../parts/page.tsx';
import { useHasRole } from '../session/session-context.ts';

/** What only admins may see; others read why they do not. The server refuses them as well. */
export function AdminOnly({ children }: { readonly children: ReactNode }) {
  const text = useText();
  const admin = useHasRole('admin');
  if (admin) return children;
  return (
    <Panel>
      <EmptyState title={text('admin.only')} description={text('admin.onlyWhy')} />
    </Panel>
  );
}
