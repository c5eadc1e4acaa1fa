import { Facts as FactList } from '@keyturn/ui';
import type { ReactNode } from 'react';
import './facts.css';

export interface Fact {
  readonly name: string;
  /** What is not there (undefined) is left out, not shown as an empty line. */
  readonly value: ReactNode | undefined;
}

/** What is known of one object, dense: names in one column, values in another. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  const known = facts.filter(({ value }) => value !== undefined && value !== null);
  return (
    <div className="kc-facts">
      <FactList facts={known} />
    </div>
  );
}
