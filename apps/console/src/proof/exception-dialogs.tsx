import { AnythingSchema } from '@keyturn/ui';
import { Input } from 'antd';
import { useState } from 'react';
import { OperatorPageShape } from '../api/access.ts';
import type { Exception } from '../api/reconciliation.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Answer } from '../parts/answer.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, refusalOf } from '../parts/field.tsx';
import { useChange } from '../parts/use-change.ts';
import { useOne } from '../parts/use-one.ts';

export interface ExceptionDialogProps {
  readonly exception: Exception;
  readonly close: () => void;
}

/** Gives a difference to somebody; for admins, who know the operators. */
export function AssignDialog({ exception, close }: ExceptionDialogProps) {
  const text = useText();
  const operators = useOne('/v1/operators', OperatorPageShape, { query: { limit: 100 } });
  const active = operators.data?.items.filter(({ state }) => state === 'active') ?? [];
  const [owner, setOwner] = useState<string>();
  const change = useChange(AnythingSchema, close);
  const chosen = owner ?? active[0]?.id;
  const path = `/v1/exceptions/${exception.id}/assign`;
  return (
    <Dialog
      open
      title={text('exceptions.assignTitle')}
      action={text('exceptions.assign')}
      busy={change.isPending}
      error={change.error}
      onSubmit={() => change.send({ path, body: { owner_id: chosen } })}
      onClose={close}
    >
      <Answer of={operators}>
        {() => (
          <Field label={text('exceptions.owner')} error={refusalOf(change.error, 'owner_id')}>
            {({ status: _status, ...control }) => (
              <select
                {...control}
                value={chosen}
                onChange={(event) => setOwner(event.target.value)}
              >
                {active.map(({ id, name, username }) => (
                  <option key={id} value={id}>
                    {name} ({username})
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
      </Answer>
    </Dialog>
  );
}

/** The accounts that a correction may touch; clients' balances are not among them. */
const correctable = [
  1001, 1002, 1003, 1101, 1102, 1103, 1201, 1301, 2301, 2302, 2401, 5001, 5003,
] as const;

/** Says how a difference should end: with a journal over its whole amount, or with a note alone. */
export function ProposeDialog({ exception, close }: ExceptionDialogProps) {
  const text = useText();
  const bookable = exception.book !== undefined && (exception.amount ?? 0n) !== 0n;
  const [note, setNote] = useState('');
  const [journal, setJournal] = useState(false);
  const [debit, setDebit] = useState({ code: '2301', owner: exception.account_id ?? '' });
  const [credit, setCredit] = useState({ code: '5003', owner: '' });
  const [missing, setMissing] = useState(false);
  const change = useChange(AnythingSchema, close);
  const submit = () => {
    setMissing(note.trim() === '');
    if (note.trim() === '') return;
    const sides = { debit: sideOf(debit), credit: sideOf(credit) };
    const body = { note: note.trim(), ...(journal ? { journal: sides } : {}) };
    change.send({ path: `/v1/exceptions/${exception.id}/propose`, body });
  };
  const lacking = missing ? text('form.required') : undefined;
  return (
    <Dialog
      open
      title={text('exceptions.proposeTitle')}
      action={text('exceptions.propose')}
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={close}
    >
      <Field
        label={text('exceptions.note')}
        hint={text('exceptions.noteHint')}
        error={lacking ?? refusalOf(change.error, 'note')}
      >
        {(control) => (
          <Input.TextArea
            {...control}
            rows={3}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        )}
      </Field>
      <label className="kc-check">
        <input
          type="checkbox"
          checked={journal}
          disabled={!bookable}
          onChange={({ target }) => setJournal(target.checked)}
        />
        {text('exceptions.withJournal')}
      </label>
      {bookable ? null : <p className="kc-field-hint">{text('exceptions.noAmount')}</p>}
      {journal ? (
        <>
          <SideFields label={text('journals.debit')} value={debit} onChange={setDebit} />
          <SideFields label={text('journals.credit')} value={credit} onChange={setCredit} />
        </>
      ) : null}
    </Dialog>
  );
}

interface TypedSide {
  readonly code: string;
  readonly owner: string;
}

function sideOf({ code, owner }: TypedSide) {
  return { code: Number.parseInt(code, 10), owner: owner.trim() };
}

interface SideFieldsProps {
  readonly label: string;
  readonly value: TypedSide;
  readonly onChange: (value: TypedSide) => void;
}

function SideFields({ label, value, onChange }: SideFieldsProps) {
  const text = useText();
  const term = useTerm();
  return (
    <div className="kc-form-line">
      <Field label={`${label}: ${text('journals.account')}`}>
        {({ status: _status, ...control }) => (
          <select
            {...control}
            value={value.code}
            onChange={(event) => onChange({ ...value, code: event.target.value })}
          >
            {correctable.map((code) => (
              <option key={code} value={code}>
                {code} {term('accounts', String(code))}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={`${label}: ${text('journals.owner')}`}>
        {(control) => (
          <Input
            {...control}
            value={value.owner}
            maxLength={100}
            onChange={(event) => onChange({ ...value, owner: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}

/** Opens what was resolved: it came up again, or was resolved wrongly. */
export function ReopenDialog({ exception, close }: ExceptionDialogProps) {
  const text = useText();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const change = useChange(AnythingSchema, close);
  const submit = () => {
    setMissing(reason.trim() === '');
    if (reason.trim() === '') return;
    change.send({
      path: `/v1/exceptions/${exception.id}/reopen`,
      body: { reason: reason.trim() },
    });
  };
  const lacking = missing ? text('form.required') : undefined;
  return (
    <Dialog
      open
      title={text('exceptions.reopenTitle')}
      action={text('exceptions.reopen')}
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={close}
    >
      <Field label={text('decision.reason')} error={lacking ?? refusalOf(change.error, 'reason')}>
        {(control) => (
          <Input.TextArea
            {...control}
            rows={3}
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
