import { MoneyText, StateSentence, StateTag, TimeText } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { type Receipt, ReceiptShape } from '../api/custody.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { JournalsOf } from '../ledger/journals-of.tsx';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { Code, ObjectLink } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { useOne } from '../parts/use-one.ts';
import { AssignForm } from './assign-form.tsx';

const route = getRouteApi('/receipts/$id');

/** One entry that a bank booked; where it has no home, the way to give it one. */
export function ReceiptPage() {
  const { id } = route.useParams();
  const text = useText();
  const receipt = useOne(`/v1/receipts/${id}`, ReceiptShape);
  if (receipt.data === undefined) {
    return (
      <Page title={text('receipts.one')}>
        <Panel>
          <Answer of={receipt}>{() => null}</Answer>
        </Panel>
      </Page>
    );
  }
  return <ReceiptView receipt={receipt.data} />;
}

function ReceiptView({ receipt }: { readonly receipt: Receipt }) {
  const text = useText();
  const assignable = receipt.state === 'booked' && receipt.kind === 'transfer';
  return (
    <Page
      title={`${text('receipts.one')} ${receipt.bank_reference}`}
      mark={<StateTag kind="receipt" state={receipt.state} />}
    >
      <div className="kc-split">
        <div className="kc-stack">
          <Panel>
            <p className="kc-amount">
              <MoneyText money={receipt.amount} size="display" />
            </p>
            <StateSentence kind="receipt" state={receipt.state} />
          </Panel>
          {assignable ? <AssignForm receipt={receipt} /> : null}
          <JournalsOf id={receipt.id} />
        </div>
        <Panel title={text('money.details')}>
          <ReceiptFacts receipt={receipt} />
        </Panel>
      </div>
    </Page>
  );
}

function ReceiptFacts({ receipt }: { readonly receipt: Receipt }) {
  const text = useText();
  const term = useTerm();
  const { assigned_to: assigned, owner_id: owner } = receipt;
  const facts = [
    { name: text('receipts.kind'), value: term('receiptKinds', receipt.kind) },
    { name: text('receipts.counterparty'), value: receipt.counterparty },
    { name: text('receipts.remittance'), value: receipt.remittance },
    { name: text('receipts.account'), value: receipt.account_id },
    { name: text('receipts.virtual'), value: receipt.virtual_account },
    {
      name: text('receipts.owner'),
      value: owner === undefined ? undefined : <ObjectLink id={owner} />,
    },
    {
      name: text('receipts.endToEnd'),
      value: receipt.end_to_end_id && <Code>{receipt.end_to_end_id}</Code>,
    },
    { name: text('receipts.returnReason'), value: receipt.return_reason },
    { name: text('receipts.settles'), value: receipt.settled_contract },
    { name: text('receipts.settledDate'), value: receipt.settled_date },
    {
      name: text('receipts.assignedTo'),
      value: assigned && (
        <>
          {assigned.module} <ObjectLink id={assigned.object} />
        </>
      ),
    },
    { name: text('receipts.source'), value: term('sources', receipt.source) },
    { name: text('receipts.bookedOn'), value: receipt.booked_on },
    { name: text('receipts.valueDate'), value: receipt.value_date },
    {
      name: text('receipts.recordedAt'),
      value: <TimeText at={receipt.recorded_at} shape="second" />,
    },
    { name: text('money.id'), value: <Code>{receipt.id}</Code> },
  ];
  return <Facts facts={facts} />;
}
