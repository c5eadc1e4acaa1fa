import { AnythingSchema } from '@keyturn/ui';
import { Button } from 'antd';
import { useState } from 'react';
import type { Exception } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';
import { Decision } from '../parts/decision.tsx';
import { FormError } from '../parts/field.tsx';
import { useChange } from '../parts/use-change.ts';
import { useHasRole, useMayWrite, useMe } from '../session/session-context.ts';
import { AssignDialog, ProposeDialog, ReopenDialog } from './exception-dialogs.tsx';
import { ProposalView } from './exception-parts.tsx';

/**
 * What can be done about a difference in its state: take it, propose an end, approve, open it
 * again.
 */
export function ExceptionActions({ exception }: { readonly exception: Exception }) {
  const text = useText();
  const mayWrite = useMayWrite();
  const admin = useHasRole('admin');
  const [open, setOpen] = useState<'assign' | 'propose' | 'reopen'>();
  const close = () => setOpen(undefined);
  const { id, state, maker, proposal } = exception;
  if (!mayWrite) return <p className="kc-muted kc-small">{text('decision.readOnly')}</p>;
  const resolved = state === 'resolved' || state === 'approved';
  return (
    <>
      {state === 'proposed' ? (
        <div className="kc-actions">
          <Decision
            maker={maker}
            subject={text('exceptions.approveTitle')}
            summary={proposal === undefined ? null : <ProposalView proposal={proposal} />}
            approvePath={`/v1/exceptions/${id}/approve`}
          />
        </div>
      ) : null}
      <div className="kc-actions">
        {resolved ? (
          <Button onClick={() => setOpen('reopen')}>{text('exceptions.reopen')}</Button>
        ) : (
          <>
            <TakeButton exception={exception} />
            {admin ? (
              <Button onClick={() => setOpen('assign')}>{text('exceptions.assign')}</Button>
            ) : null}
            <Button type="primary" ghost onClick={() => setOpen('propose')}>
              {text(state === 'proposed' ? 'exceptions.proposeOther' : 'exceptions.propose')}
            </Button>
          </>
        )}
      </div>
      {open === 'assign' ? <AssignDialog exception={exception} close={close} /> : null}
      {open === 'propose' ? <ProposeDialog exception={exception} close={close} /> : null}
      {open === 'reopen' ? <ReopenDialog exception={exception} close={close} /> : null}
    </>
  );
}

/** Most exceptions are taken by whoever sees them first: one press. */
function TakeButton({ exception }: { readonly exception: Exception }) {
  const text = useText();
  const me = useMe();
  const change = useChange(AnythingSchema);
  const mine = exception.owner !== undefined && exception.owner.id === me.id;
  if (mine) return null;
  const path = `/v1/exceptions/${exception.id}/assign`;
  return (
    <>
      <Button
        type="primary"
        loading={change.isPending}
        onClick={() => change.send({ path, body: { owner_id: me.id } })}
      >
        {text('exceptions.take')}
      </Button>
      <FormError error={change.error} />
    </>
  );
}
