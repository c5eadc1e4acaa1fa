import { AnythingSchema } from '@keyturn/ui';
import { Button, Input } from 'antd';
import { type ReactNode, useId, useState } from 'react';
import type { GenericSchema } from 'valibot';
import type { Actor } from '../api/shapes.ts';
import { useText } from '../language/use-text.ts';
import { useHasRole, useMe } from '../session/session-context.ts';
import { Dialog } from './dialog.tsx';
import { Field, refusalOf } from './field.tsx';
import { useChange } from './use-change.ts';
import './decision.css';

export interface DecisionProps {
  /** Who made what is decided on: nobody decides on their own. */
  readonly maker: Actor | undefined;
  /** What is decided, for the dialog's title: "Pay-out 2026…". */
  readonly subject: string;
  /** What is at stake, shown once more before the decision. */
  readonly summary: ReactNode;
  readonly approvePath: string;
  /** Left out where nothing is rejected; with `reason` the server wants to know why. */
  readonly reject?: { readonly path: string; readonly reason: 'wanted' | 'none' };
  readonly approveText?: string;
}

/**
 * Approve or reject, by a second person. Who may not is told why, in sight, not by a dead button
 * alone.
 */
export function Decision(props: DecisionProps) {
  const text = useText();
  const note = useId();
  const blocked = useBlocked(props.maker);
  const [open, setOpen] = useState<'approve' | 'reject'>();
  const close = () => setOpen(undefined);
  const button = { disabled: blocked !== undefined, 'aria-describedby': note };
  return (
    <div className="kc-decision">
      <div className="kc-row">
        <Button type="primary" {...button} onClick={() => setOpen('approve')}>
          {props.approveText ?? text('decision.approve')}
        </Button>
        {props.reject === undefined ? null : (
          <Button danger {...button} onClick={() => setOpen('reject')}>
            {text('decision.reject')}
          </Button>
        )}
      </div>
      <p id={note} className="kc-decision-note">
        {blocked}
      </p>
      <ApproveDialog {...props} open={open === 'approve'} onClose={close} />
      {props.reject === undefined ? null : (
        <RejectDialog {...props} {...props.reject} open={open === 'reject'} onClose={close} />
      )}
    </div>
  );
}

/** Why this person may not decide; undefined when they may. */
function useBlocked(maker: Actor | undefined): string | undefined {
  const text = useText();
  const me = useMe();
  const approver = useHasRole('approver');
  if (maker !== undefined && maker.id === me.id) return text('decision.isMaker');
  return approver ? undefined : text('decision.noRole');
}

interface Opened {
  readonly open: boolean;
  readonly onClose: () => void;
}

function ApproveDialog(props: DecisionProps & Opened) {
  const text = useText();
  const change = useChange(AnythingSchema, props.onClose);
  return (
    <Dialog
      open={props.open}
      title={props.subject}
      action={props.approveText ?? text('decision.approve')}
      busy={change.isPending}
      error={change.error}
      onSubmit={() => change.send({ path: props.approvePath })}
      onClose={() => {
        change.reset();
        props.onClose();
      }}
    >
      {props.summary}
    </Dialog>
  );
}

interface RejectProps extends DecisionProps, Opened {
  readonly path: string;
  readonly reason: 'wanted' | 'none';
}

function RejectDialog(props: RejectProps) {
  const text = useText();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const schema: GenericSchema = AnythingSchema;
  const change = useChange(schema, props.onClose);
  const wanted = props.reason === 'wanted';
  const submit = () => {
    setMissing(wanted && reason.trim() === '');
    if (wanted && reason.trim() === '') return;
    change.send({ path: props.path, ...(wanted ? { body: { reason: reason.trim() } } : {}) });
  };
  const lacking = missing ? text('form.required') : undefined;
  return (
    <Dialog
      open={props.open}
      title={props.subject}
      action={text('decision.reject')}
      danger
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={() => {
        change.reset();
        props.onClose();
      }}
    >
      {props.summary}
      {wanted ? (
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
      ) : null}
    </Dialog>
  );
}
