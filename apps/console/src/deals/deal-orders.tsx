import { EmptyState, MoneyText, pickText, StateTag, useLanguage } from '@keyturn/ui';
import type { DealItem, DealMoney } from '../api/deals.ts';
import { type Order, OrderPageShape, OrderShape } from '../api/payments.ts';
import { type Text, useText } from '../language/use-text.ts';
import { useRefundColumns } from '../money-in/refund-columns.tsx';
import { Answer } from '../parts/answer.tsx';
import { ObjectLink } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { useOne } from '../parts/use-one.ts';

/** The orders by which the items were paid, and the refunds of each. */
export function DealOrders({ money }: { readonly money: DealMoney }) {
  const text = useText();
  return money.items.every(({ order }) => order === undefined) ? (
    <Panel>
      <EmptyState title={text('deals.noOrders')} description={text('deals.noOrdersWhy')} />
    </Panel>
  ) : (
    money.items.map((item) =>
      item.order === undefined ? null : <ItemOrders key={item.id} item={item} />,
    )
  );
}

/** All orders of one item: the last one by its id, earlier ones by what they were for. */
function ItemOrders({ item }: { readonly item: DealItem }) {
  const text = useText();
  const language = useLanguage();
  const id = item.order?.id ?? '';
  const last = useOne(`/v1/orders/${id}`, OrderShape);
  const all = useOne('/v1/orders', OrderPageShape, { query: { reference_id: item.id, limit: 50 } });
  const refundColumns = useRefundColumns();
  return (
    <Panel title={pickText(item.name, language)} flush>
      <div className={last.data === undefined ? 'kc-padded' : ''}>
        <Answer of={last}>
          {(order) => {
            const found = all.data?.items ?? [];
            const orders = found.some((one) => one.id === order.id) ? found : [order, ...found];
            const refunds = orders.flatMap((one) => one.refunds);
            return (
              <>
                <RecordTable
                  label={text('deals.part.orders')}
                  columns={orderColumns(text)}
                  rows={orders}
                  rowKey={(one) => one.id}
                />
                {refunds.length === 0 ? null : (
                  <>
                    <h3 className="kc-subhead">{text('orders.refunds')}</h3>
                    <RecordTable
                      label={text('orders.refunds')}
                      columns={refundColumns}
                      rows={refunds}
                      rowKey={(refund) => refund.id}
                    />
                  </>
                )}
              </>
            );
          }}
        </Answer>
      </div>
    </Panel>
  );
}

function orderColumns(text: Text): readonly Column<Order>[] {
  return [
    {
      key: 'number',
      title: text('orders.one'),
      head: true,
      cell: (order) => <ObjectLink id={order.id} text={order.number} />,
    },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: (order) => <StateTag kind="order" state={order.state} />,
    },
    {
      key: 'amount',
      title: text('orders.amount'),
      end: true,
      cell: (order) => <MoneyText money={order.amount} />,
    },
    {
      key: 'paid',
      title: text('orders.paid'),
      end: true,
      cell: (order) => <MoneyText money={order.paid} strong />,
    },
    {
      key: 'refunded',
      title: text('orders.refunded'),
      end: true,
      cell: (order) => <MoneyText money={order.refunded} />,
    },
    {
      key: 'attempts',
      title: text('orders.attempts'),
      end: true,
      cell: (order) => order.attempts.length,
    },
  ];
}
