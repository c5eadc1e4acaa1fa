import { AnythingSchema, EmptyState, pickText, StateTag, TimeText, useLanguage } from '@keyturn/ui';
import { Button, Input } from 'antd';
import { useState } from 'react';
import type { Condition, Deal } from '../api/deals.ts';
import { useText } from '../language/use-text.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field, refusalOf } from '../parts/field.tsx';
import { FileControl } from '../parts/file-control.tsx';
import { Code } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { useChange } from '../parts/use-change.ts';
import { useMayWrite } from '../session/session-context.ts';

interface ConditionsProps {
  readonly deal: Deal;
  readonly conditions: readonly Condition[];
}

/** What has to be shown before money moves, and what was shown. */
export function Conditions({ deal, conditions }: ConditionsProps) {
  const text = useText();
  const [adding, setAdding] = useState<Condition>();
  const columns = useColumns(setAdding);
  return (
    <Panel title={text('evidence.title')} lead={text('evidence.lead')} flush>
      {conditions.length === 0 ? (
        <EmptyState title={text('evidence.none')} />
      ) : (
        <RecordTable
          label={text('evidence.title')}
          columns={columns}
          rows={conditions}
          rowKey={(condition) => condition.key}
        />
      )}
      {adding === undefined ? null : (
        <AddEvidence deal={deal} condition={adding} close={() => setAdding(undefined)} />
      )}
    </Panel>
  );
}

function useColumns(add: (condition: Condition) => void): readonly Column<Condition>[] {
  const text = useText();
  const language = useLanguage();
  const mayWrite = useMayWrite();
  return [
    {
      key: 'name',
      title: text('evidence.condition'),
      head: true,
      cell: (condition) => pickText(condition.name, language),
    },
    { key: 'by', title: text('evidence.by'), cell: ({ by }) => pickText(by.name, language) },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: ({ fulfilled }) => (
        <StateTag kind="condition" state={fulfilled ? 'fulfilled' : 'open'} />
      ),
    },
    { key: 'reference', title: text('evidence.reference'), cell: ({ reference }) => reference },
    {
      key: 'document',
      title: text('evidence.document'),
      cell: ({ document_sha256: hash }) => (hash === undefined ? null : <Code>{hash}</Code>),
    },
    {
      key: 'at',
      title: text('evidence.at'),
      tight: true,
      cell: ({ fulfilled_at: at }) => (at === undefined ? null : <TimeText at={at} />),
    },
    {
      key: 'add',
      title: text('money.decision'),
      tight: true,
      cell: (condition) =>
        condition.fulfilled || !mayWrite ? null : (
          <Button size="small" onClick={() => add(condition)}>
            {text('evidence.add')}
          </Button>
        ),
    },
  ];
}

interface AddEvidenceProps {
  readonly deal: Deal;
  readonly condition: Condition;
  readonly close: () => void;
}

/** Records what was shown. A document stays on this machine: its SHA-256 is what is kept. */
function AddEvidence({ deal, condition, close }: AddEvidenceProps) {
  const text = useText();
  const language = useLanguage();
  const [reference, setReference] = useState('');
  const [file, setFile] = useState<File>();
  const [hash, setHash] = useState<string>();
  const [missing, setMissing] = useState(false);
  const change = useChange(AnythingSchema, close);
  const submit = () => {
    setMissing(reference.trim() === '');
    if (reference.trim() === '') return;
    const body = {
      kind: condition.evidence,
      role: condition.by.role,
      reference: reference.trim(),
      ...(hash === undefined ? {} : { document_sha256: hash }),
    };
    change.send({ path: `/v1/deals/${deal.id}/evidence`, body });
  };
  const lacking = missing ? text('form.required') : undefined;
  return (
    <Dialog
      open
      title={text('evidence.addTitle', { name: pickText(condition.name, language) })}
      action={text('evidence.add')}
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={close}
    >
      <Field
        label={text('evidence.reference')}
        hint={text('evidence.referenceHint')}
        error={lacking ?? refusalOf(change.error, 'reference')}
      >
        {(control) => (
          <Input
            {...control}
            maxLength={120}
            value={reference}
            onChange={(event) => setReference(event.target.value)}
          />
        )}
      </Field>
      {canHash ? (
        <Field label={text('evidence.file')} hint={hash ?? text('evidence.fileHint')}>
          {(control) => (
            <FileControl
              control={control}
              file={file}
              onChoose={async (chosen) => {
                setFile(chosen);
                setHash(await sha256Of(chosen));
              }}
            />
          )}
        </Field>
      ) : null}
    </Dialog>
  );
}

/** Browsers keep this to pages that came over TLS or from the machine itself. */
const canHash = globalThis.crypto?.subtle !== undefined;

async function sha256Of(file: File | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
