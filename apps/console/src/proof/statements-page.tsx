import { StateTag, TimeText } from '@keyturn/ui';
import { type StatementFile, StatementFilePageShape } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';
import { Page, Panel } from '../parts/page.tsx';
import { PagedRows } from '../parts/paged-rows.tsx';
import { usePages } from '../parts/use-pages.ts';
import { FileDetails } from './file-details.tsx';
import { UploadPanel } from './upload-panel.tsx';
import './statements.css';
import { Tag } from '../parts/tag.tsx';

/**
 * Files of banks and acquirers: bring one in, see what became of each and what was wrong with it.
 */
export function StatementsPage() {
  const text = useText();
  return (
    <Page title={text('nav.statements')} lead={text('statements.lead')}>
      <UploadPanel />
      <Panel title={text('statements.files')} flush>
        <PagedRows
          label={text('statements.files')}
          pages={usePages('/v1/statement-files', StatementFilePageShape)}
          empty={{ title: text('statements.none'), description: text('statements.noneWhy') }}
        >
          {(files) => (
            <ul className="kc-files">
              {files.map((file) => (
                <li key={file.id}>
                  <FileLine file={file} />
                </li>
              ))}
            </ul>
          )}
        </PagedRows>
      </Panel>
    </Page>
  );
}

function FileLine({ file }: { readonly file: StatementFile }) {
  const text = useText();
  return (
    <details>
      <summary>
        <span className="kc-file-name">{file.file}</span>
        <StateTag kind="statement" state={file.outcome} />
        {file.findings_count === 0 ? null : (
          <Tag tone="bad">{text('statements.findings', { count: file.findings_count })}</Tag>
        )}
        <span className="kc-muted">{file.format}</span>
        <span className="kc-muted">{text('statements.entries', { count: file.entries })}</span>
        <TimeText at={file.imported_at} />
      </summary>
      <FileDetails file={file} />
    </details>
  );
}
