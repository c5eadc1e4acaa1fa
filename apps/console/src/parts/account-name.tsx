import { useTerm } from '../language/use-text.ts';
import { Code } from './object-link.tsx';
import './account-name.css';

export interface AccountNameProps {
  readonly code: number;
  readonly owner: string;
  readonly book?: string;
}

/** A ledger account as people say it: its number, its name, and whose it is. */
export function AccountName({ code, owner, book }: AccountNameProps) {
  const term = useTerm();
  return (
    <span className="kc-account-name-of">
      <span>
        <b>{code}</b> {term('accounts', String(code))}
      </span>
      <Code>{owner}</Code>
      {book === undefined ? null : <span className="kc-muted kc-small">{book}</span>}
    </span>
  );
}
