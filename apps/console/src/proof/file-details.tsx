import { Notice } from '@keyturn/ui';
import type { StatementFile } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';
import { Facts } from '../parts/facts.tsx';
import { Code } from '../parts/object-link.tsx';
import { Findings } from './findings.tsx';
import { SignedMoney } from './signed-money.tsx';

/** What became of one file, in full. */
export function FileDetails({ file }: { readonly file: StatementFile }) {
  const text = useText();
  const accounts = file.accounts.map(({ number, account_id: ours }) =>
    ours === undefined ? `${number} (${text('statements.notOurs')})` : `${ours} (${number})`,
  );
  return (
    <div className="kc-file">
      {file.reason === undefined ? null : <Notice tone="bad">{file.reason}</Notice>}
      <Facts
        facts={[
          { name: text('statements.accounts'), value: accounts.join(', ') || undefined },
          { name: text('statements.count'), value: String(file.statements) },
          {
            name: text('statements.opening'),
            value: <SignedMoney amount={file.opening} currency={file.currency} />,
          },
          {
            name: text('statements.closing'),
            value: <SignedMoney amount={file.closing} currency={file.currency} />,
          },
          { name: 'SHA-256', value: <Code>{file.sha256}</Code> },
          { name: text('money.id'), value: <Code>{file.id}</Code> },
        ]}
      />
      <Findings findings={file.findings} count={file.findings_count} />
    </div>
  );
}
