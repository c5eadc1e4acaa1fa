import { MoneyText, Notice, StateTag } from '@keyturn/ui';
import { Button, Input } from 'antd';
import { type FormEvent, useState } from 'react';
import type { Receipt } from '../api/custody.ts';
import { type Order, OrderPageShape, OrderShape } from '../api/payments.ts';
import { useText } from '../language/use-text.ts';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { Field, FormError } from '../parts/field.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { useChange } from '../parts/use-change.ts';
import { useOne } from '../parts/use-one.ts';
import { useHasRole } from '../session/session-context.ts';

/**
 * Pays an order with money that found no home: the order is looked up and seen before it is paid.
 */
export function AssignForm({ receipt }: { readonly receipt: Receipt }) {
  const text = useText();
  const finance = useHasRole('finance');
  const [typed, setTyped] = useState('');
  const [wanted, setWanted] = useState<string>();
  const find = (event: FormEvent) => {
    event.preventDefault();
    setWanted(typed.trim() === '' ? undefined : typed.trim());
  };
  return (
    <Panel title={text('receipts.assign')} lead={text('receipts.assignLead')}>
      {finance ? null : <Notice tone="neutral">{text('decision.needFinance')}</Notice>}
      <form className="kc-form" onSubmit={find} noValidate>
        <Field label={text('receipts.order')} hint={text('receipts.orderHint')}>
          {(control) => (
            <Input
              {...control}
              value={typed}
              maxLength={60}
              disabled={!finance}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <div>
          <Button htmlType="submit" disabled={!finance}>
            {text('receipts.find')}
          </Button>
        </div>
      </form>
      {wanted === undefined ? null : <Found key={wanted} wanted={wanted} receipt={receipt} />}
    </Panel>
  );
}

/** An order by its id or by its number. */
function Found({ wanted, receipt }: { readonly wanted: string; readonly receipt: Receipt }) {
  const text = useText();
  const byId = /^ord_/.test(wanted);
  const one = useOne(`/v1/orders/${wanted}`, OrderShape, { enabled: byId });
  const some = useOne('/v1/orders', OrderPageShape, {
    query: { number: wanted },
    enabled: !byId,
  });
  if (byId)
    return <Answer of={one}>{(order) => <Assign order={order} receipt={receipt} />}</Answer>;
  return (
    <Answer of={some}>
      {({ items: [order] }) =>
        order === undefined ? (
          <Notice tone="attention">{text('receipts.noOrder', { number: wanted })}</Notice>
        ) : (
          <Assign order={order} receipt={receipt} />
        )
      }
    </Answer>
  );
}

function Assign({ order, receipt }: { readonly order: Order; readonly receipt: Receipt }) {
  const text = useText();
  const change = useChange(OrderShape);
  const missing = { ...order.amount, amount: order.amount.amount - order.paid.amount };
  const over = receipt.amount.amount > missing.amount;
  const assign = () =>
    change.send({ path: `/v1/receipts/${receipt.id}/assign`, body: { order_id: order.id } });
  return (
    <div className="kc-form kc-found">
      <Facts
        facts={[
          { name: text('orders.one'), value: <ObjectLink id={order.id} text={order.number} /> },
          { name: text('orders.subject'), value: order.subject },
          { name: text('money.state'), value: <StateTag kind="order" state={order.state} /> },
          { name: text('orders.missing'), value: <MoneyText money={missing} strong /> },
          { name: text('receipts.amount'), value: <MoneyText money={receipt.amount} strong /> },
        ]}
      />
      {over ? <Notice tone="attention">{text('receipts.over')}</Notice> : null}
      <FormError error={change.error} />
      <div>
        <Button type="primary" loading={change.isPending} onClick={assign}>
          {text('receipts.assignTo', { number: order.number })}
        </Button>
      </div>
    </div>
  );
}
