import { Notice, StateSentence } from '@keyturn/ui';
import { Button } from 'antd';
import { type FormEvent, useState } from 'react';
import { StatementFileShape } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';
import { Field, FormError } from '../parts/field.tsx';
import { FileControl } from '../parts/file-control.tsx';
import { Panel } from '../parts/page.tsx';
import { useChange } from '../parts/use-change.ts';
import { useMayWrite } from '../session/session-context.ts';
import { FileDetails } from './file-details.tsx';

const largest = 32 * 1024 * 1024;

/** Brings in a file; what became of it and what is wrong with it is shown at once. */
export function UploadPanel() {
  const text = useText();
  const mayWrite = useMayWrite();
  const [file, setFile] = useState<File>();
  const [wrong, setWrong] = useState<string>();
  const change = useChange(StatementFileShape, undefined, 'slow');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const problem =
      file === undefined
        ? text('statements.choose')
        : file.size > largest
          ? text('statements.tooLarge')
          : undefined;
    setWrong(problem);
    if (problem !== undefined || file === undefined) return;
    change.send({ path: '/v1/statements', body: file, query: { name: file.name } });
  };
  const done = change.data;
  return (
    <Panel title={text('statements.bring')} lead={text('statements.bringLead')}>
      <form className="kc-find" onSubmit={submit} noValidate>
        <Field label={text('statements.file')} error={wrong} hint={text('statements.fileHint')}>
          {(control) => (
            <FileControl
              control={control}
              file={file}
              disabled={!mayWrite}
              onChoose={(chosen) => {
                setFile(chosen);
                setWrong(undefined);
              }}
            />
          )}
        </Field>
        <Button type="primary" htmlType="submit" disabled={!mayWrite} loading={change.isPending}>
          {text('statements.import')}
        </Button>
      </form>
      {mayWrite ? null : <p className="kc-muted kc-small">{text('decision.readOnly')}</p>}
      <FormError error={change.error} />
      {done === undefined ? null : (
        <section className="kc-outcome" aria-live="polite">
          {done.repeated ? <Notice tone="neutral">{text('statements.repeated')}</Notice> : null}
          <StateSentence kind="statement" state={done.outcome} />
          <FileDetails file={done} />
        </section>
      )}
    </Panel>
  );
}
