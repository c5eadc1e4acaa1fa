import { MoneyText, StateSentence, StateTag, TimeText, useLanguage } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { type Order, OrderShape } from '../api/payments.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { JournalsOf } from '../ledger/journals-of.tsx';
import { AccountName } from '../parts/account-name.tsx';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { Code, ObjectLink } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { RecordTable } from '../parts/record-table.tsx';
import { ReferenceLink } from '../parts/reference-link.tsx';
import { useOne } from '../parts/use-one.ts';
import { AttemptsPanel } from './attempts-panel.tsx';
import { OrderActions } from './order-actions.tsx';
import { useRefundColumns } from './refund-columns.tsx';

const route = getRouteApi('/orders/$id');

/** One order: what was owed and came, every try to pay it, every refund, and its journals. */
export function OrderPage() {
  const { id } = route.useParams();
  const text = useText();
  const order = useOne(`/v1/orders/${id}`, OrderShape, { everyMs: 15_000 });
  if (order.data === undefined) {
    return (
      <Page title={text('orders.one')}>
        <Panel>
          <Answer of={order}>{() => null}</Answer>
        </Panel>
      </Page>
    );
  }
  return <OrderView order={order.data} />;
}

function OrderView({ order }: { readonly order: Order }) {
  const text = useText();
  const language = useLanguage();
  return (
    <Page
      title={`${text('orders.one')} ${order.number}`}
      lead={language === 'en' ? (order.english?.subject ?? order.subject) : order.subject}
      mark={<StateTag kind="order" state={order.state} />}
    >
      <div className="kc-split">
        <div className="kc-stack">
          <Panel>
            <Sums order={order} />
            <StateSentence kind="order" state={order.state} />
            <OrderActions order={order} />
          </Panel>
          <AttemptsPanel attempts={order.attempts} />
          <RefundsPanel order={order} />
          <TransfersPanel order={order} />
          <JournalsOf
            id={[
              order.id,
              ...order.attempts.map((attempt) => attempt.id),
              ...order.refunds.map((refund) => refund.id),
            ].slice(0, 50)}
          />
        </div>
        <OrderFacts order={order} />
      </div>
    </Page>
  );
}

function Sums({ order }: { readonly order: Order }) {
  const text = useText();
  const sums = [
    [text('orders.amount'), order.amount],
    [text('orders.paid'), order.paid],
    [text('orders.refunding'), order.refunding],
    [text('orders.refunded'), order.refunded],
  ] as const;
  return (
    <dl className="kc-sums">
      {sums.map(([name, money]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <MoneyText money={money} tone={money.amount === 0n ? 'muted' : 'plain'} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function RefundsPanel({ order }: { readonly order: Order }) {
  const text = useText();
  const columns = useRefundColumns();
  return (
    <Panel title={text('orders.refunds')} flush>
      {order.refunds.length === 0 ? (
        <p className="kc-padded kc-muted">{text('refunds.noneHere')}</p>
      ) : (
        <RecordTable
          label={text('orders.refunds')}
          columns={columns}
          rows={order.refunds}
          rowKey={(refund) => refund.id}
        />
      )}
    </Panel>
  );
}

function TransfersPanel({ order }: { readonly order: Order }) {
  const text = useText();
  if (order.transfers.length === 0) return null;
  const columns = [
    {
      key: 'receipt',
      title: text('receipts.one'),
      head: true,
      cell: (row: Order['transfers'][number]) => <ObjectLink id={row.receipt_id} />,
    },
    {
      key: 'amount',
      title: text('orders.applied'),
      end: true,
      cell: (row: Order['transfers'][number]) => <MoneyText money={row.amount} strong />,
    },
    {
      key: 'rest',
      title: text('orders.rest'),
      end: true,
      cell: (row: Order['transfers'][number]) => <MoneyText money={row.rest} />,
    },
    {
      key: 'at',
      title: text('orders.appliedAt'),
      tight: true,
      cell: (row: Order['transfers'][number]) => <TimeText at={row.applied_at} />,
    },
  ];
  return (
    <Panel title={text('orders.transfers')} flush>
      <RecordTable
        label={text('orders.transfers')}
        columns={columns}
        rows={order.transfers}
        rowKey={(row) => row.receipt_id}
      />
    </Panel>
  );
}

function OrderFacts({ order }: { readonly order: Order }) {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  const { destination, reference, english } = order;
  const description =
    language === 'en' ? (english?.description ?? order.description) : order.description;
  const facts = [
    { name: text('orders.purpose'), value: term('purposes', order.purpose) },
    { name: text('orders.description'), value: description || undefined },
    {
      name: text('orders.destination'),
      value: (
        <AccountName
          book={destination.book}
          code={destination.account_code}
          owner={destination.owner}
        />
      ),
    },
    {
      name: text('money.reference'),
      value:
        reference === undefined ? undefined : (
          <ReferenceLink kind={reference.kind} id={reference.id} />
        ),
    },
    {
      name: text('orders.methods'),
      value: order.methods.map((m) => term('methods', m)).join(', '),
    },
    { name: text('orders.contract'), value: order.contract_id },
    { name: text('orders.closing'), value: order.closing && term('closings', order.closing) },
    { name: text('orders.lateSuccess'), value: term('lateSuccess', order.late_success) },
    { name: text('orders.payer'), value: order.payer_id && <Code>{order.payer_id}</Code> },
    { name: text('orders.expires'), value: <TimeText at={order.expires_at} /> },
    { name: text('money.created'), value: <TimeText at={order.created_at} shape="second" /> },
    {
      name: text('money.finalAt'),
      value: order.final_at && <TimeText at={order.final_at} shape="second" />,
    },
    { name: text('money.id'), value: <Code>{order.id}</Code> },
  ];
  return (
    <Panel title={text('money.details')}>
      <Facts facts={facts} />
    </Panel>
  );
}
