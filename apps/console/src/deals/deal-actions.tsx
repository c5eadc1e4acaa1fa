import { AnythingSchema, pickText, useLanguage } from '@keyturn/ui';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { AgreementShape, type Deal, type DealMoney } from '../api/deals.ts';
import { useText } from '../language/use-text.ts';
import { ChangeButton } from '../parts/change-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, refusalOf } from '../parts/field.tsx';
import { useChange } from '../parts/use-change.ts';
import { useOne } from '../parts/use-one.ts';
import { useHasRole, useMayWrite } from '../session/session-context.ts';

interface DealActionsProps {
  readonly deal: Deal;
  readonly money: DealMoney;
}

const cancelable = new Set(['draft', 'agreed', 'funding', 'funded', 'partially_released']);

/** What concerns the deal as a whole: stop its money, end it, take the end back. */
export function DealActions({ deal, money }: DealActionsProps) {
  const text = useText();
  const mayWrite = useMayWrite();
  const finance = useHasRole('finance');
  const approver = useHasRole('approver');
  const [open, setOpen] = useState<'cancel' | 'freeze'>();
  if (!mayWrite) return <span className="kc-muted kc-small">{text('decision.readOnly')}</span>;
  const { state, freeze, final_at: final } = money.deal;
  const close = () => setOpen(undefined);
  return (
    <>
      {state === 'cancel_requested' ? (
        <ChangeButton
          text={text('deals.withdraw')}
          title={text('deals.withdrawTitle')}
          path={`/v1/deals/${deal.id}/cancel/withdraw`}
        />
      ) : null}
      {freeze === undefined && final === undefined && (finance || approver) ? (
        <Button onClick={() => setOpen('freeze')}>{text('deals.freeze')}</Button>
      ) : null}
      {cancelable.has(state) ? (
        <Button danger onClick={() => setOpen('cancel')}>
          {text('deals.cancel')}
        </Button>
      ) : null}
      {open === 'cancel' ? <CancelDialog deal={deal} close={close} /> : null}
      {open === 'freeze' ? <FreezeDialog deal={deal} close={close} /> : null}
    </>
  );
}

interface DialogProps {
  readonly deal: Deal;
  readonly close: () => void;
}

function CancelDialog({ deal, close }: DialogProps) {
  const text = useText();
  const language = useLanguage();
  const agreement = useOne(`/v1/agreements/${deal.agreement_id}`, AgreementShape);
  const failures = agreement.data?.terms.failures ?? [];
  const [failure, setFailure] = useState<string>();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const change = useChange(AnythingSchema, close);
  const submit = () => {
    setMissing(reason.trim() === '');
    if (reason.trim() === '') return;
    const chosen = failure ?? failures[0]?.key;
    const body = { reason: reason.trim(), ...(chosen === undefined ? {} : { failure: chosen }) };
    change.send({ path: `/v1/deals/${deal.id}/cancel`, body });
  };
  const lacking = missing ? text('form.required') : undefined;
  return (
    <Dialog
      open
      title={text('deals.cancelTitle', { number: deal.number })}
      action={text('deals.cancel')}
      danger
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={close}
    >
      <p>{text('deals.cancelWhat')}</p>
      {failures.length === 0 ? null : (
        <Field label={text('deals.failureKind')} hint={text('deals.failureHint')}>
          {({ status: _status, ...control }) => (
            <select
              {...control}
              value={failure ?? failures[0]?.key}
              onChange={(event) => setFailure(event.target.value)}
            >
              {failures.map(({ key, name }) => (
                <option key={key} value={key}>
                  {pickText(name, language)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
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

function FreezeDialog({ deal, close }: DialogProps) {
  const text = useText();
  const language = useLanguage();
  const [reason, setReason] = useState('');
  const [items, setItems] = useState<readonly string[]>([]);
  const [missing, setMissing] = useState(false);
  const change = useChange(AnythingSchema, close);
  const submit = () => {
    setMissing(reason.trim() === '');
    if (reason.trim() === '') return;
    const body = { reason: reason.trim(), ...(items.length === 0 ? {} : { items }) };
    change.send({ path: `/v1/deals/${deal.id}/freeze`, body });
  };
  const lacking = missing ? text('form.required') : undefined;
  return (
    <Dialog
      open
      title={text('deals.freezeTitle', { number: deal.number })}
      action={text('deals.freeze')}
      danger
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={close}
    >
      <p>{text('deals.freezeWhat')}</p>
      <fieldset className="kc-choices">
        <legend>{text('deals.freezeItems')}</legend>
        {deal.items.map(({ key, name }) => (
          <label key={key} className="kc-check">
            <input
              type="checkbox"
              checked={items.includes(key)}
              onChange={({ target }) =>
                setItems(target.checked ? [...items, key] : items.filter((one) => one !== key))
              }
            />
            {pickText(name, language)}
          </label>
        ))}
      </fieldset>
      <Field label={text('decision.reason')} error={lacking ?? refusalOf(change.error, 'reason')}>
        {(control) => (
          <Input.TextArea
            {...control}
            rows={2}
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
