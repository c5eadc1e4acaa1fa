import { formatAmount, type Money, MoneyText } from '@keyturn/ui';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { type Order, RefundShape } from '../api/payments.ts';
import { useText } from '../language/use-text.ts';
import { parseAmount } from '../parts/amount.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { Field, refusalOf } from '../parts/field.tsx';
import { LinkButton } from '../parts/link-button.tsx';
import { useChange } from '../parts/use-change.ts';
import { useHasRole, useMayWrite } from '../session/session-context.ts';

/** What can still be given back of an order: paid, not refunded and not on its way back. */
function refundable({ paid, refunded, refunding }: Order): Money {
  return { ...paid, amount: paid.amount - refunded.amount - refunding.amount };
}

/**
 * A link for the payer while something is owed; a refund of what was paid through a channel, of
 * which a second person approves larger ones.
 */
export function OrderActions({ order }: { readonly order: Order }) {
  const text = useText();
  const finance = useHasRole('finance');
  const mayWrite = useMayWrite();
  const [open, setOpen] = useState(false);
  const left = refundable(order);
  const byChannel = order.attempts.some(({ state }) => /succe/.test(state));
  const mayRefund = left.amount > 0n && byChannel;
  return (
    <div className="kc-actions">
      {payable.has(order.state) && mayWrite ? (
        <LinkButton
          text={text('orders.link')}
          about={text('orders.linkAbout', { subject: order.subject })}
          path={`/v1/orders/${order.id}/cashier-sessions`}
        />
      ) : null}
      {mayRefund ? (
        <Button disabled={!finance} onClick={() => setOpen(true)}>
          {text('orders.refund')}
        </Button>
      ) : null}
      {mayRefund && !finance ? (
        <span className="kc-muted kc-small">{text('decision.needFinance')}</span>
      ) : null}
      {open ? <RefundDialog order={order} left={left} close={() => setOpen(false)} /> : null}
    </div>
  );
}

/** States in which somebody may still have to pay. */
const payable = new Set(['requires_payment', 'processing', 'requires_action', 'partially_funded']);

interface RefundDialogProps {
  readonly order: Order;
  readonly left: Money;
  readonly close: () => void;
}

function RefundDialog({ order, left, close }: RefundDialogProps) {
  const text = useText();
  const [amount, setAmount] = useState(formatAmount(left).replaceAll(',', ''));
  const [reason, setReason] = useState('');
  const [checked, setChecked] = useState(false);
  const change = useChange(RefundShape, close);
  const minor = parseAmount(amount, left.currency);
  const submit = () => {
    setChecked(true);
    if (minor === undefined || reason.trim() === '') return;
    const body = { amount: { amount: minor, currency: left.currency }, reason: reason.trim() };
    change.send({ path: `/v1/orders/${order.id}/refunds`, body });
  };
  const wrong = checked && minor === undefined ? text('form.amountInvalid') : undefined;
  const empty = checked && reason.trim() === '' ? text('form.required') : undefined;
  return (
    <Dialog
      open
      title={text('orders.refundTitle', { number: order.number })}
      action={text('orders.refund')}
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={close}
    >
      <Facts facts={[{ name: text('orders.refundable'), value: <MoneyText money={left} /> }]} />
      <Field
        label={`${text('money.amount')} (${left.currency})`}
        error={wrong ?? refusalOf(change.error, 'amount')}
      >
        {(control) => (
          <Input
            {...control}
            inputMode="decimal"
            value={amount}
            onChange={(event) => setAmount(event.target.value)}
          />
        )}
      </Field>
      <Field label={text('decision.reason')} error={empty ?? refusalOf(change.error, 'reason')}>
        {(control) => (
          <Input
            {...control}
            maxLength={80}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
      </Field>
    </Dialog>
  );
}
