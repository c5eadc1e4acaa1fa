import { MoneyText, Notice, StateSentence, StateTag, TimeText } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { type Payout, PayoutShape } from '../api/payouts.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { JournalsOf } from '../ledger/journals-of.tsx';
import { AccountName } from '../parts/account-name.tsx';
import { Answer } from '../parts/answer.tsx';
import { ChangeButton } from '../parts/change-button.tsx';
import { Decision } from '../parts/decision.tsx';
import { Facts } from '../parts/facts.tsx';
import { Code } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { ProofFact } from '../parts/proof-fact.tsx';
import { ReferenceLink } from '../parts/reference-link.tsx';
import { useOne } from '../parts/use-one.ts';
import { useMe } from '../session/session-context.ts';
import { payeeName } from './payee-name.ts';

const route = getRouteApi('/payouts/$id');
const openStates = new Set(['approved', 'submitted', 'unknown', 'in_transit']);

/** One pay-out: how far it is, who decides, what the bank said, and its journals. */
export function PayoutPage() {
  const { id } = route.useParams();
  const text = useText();
  const payout = useOne(`/v1/payouts/${id}`, PayoutShape, { everyMs: 15_000 });
  if (payout.data === undefined) {
    return (
      <Page title={text('payouts.one')}>
        <Panel>
          <Answer of={payout}>{() => null}</Answer>
        </Panel>
      </Page>
    );
  }
  return <PayoutView payout={payout.data} />;
}

function PayoutView({ payout }: { readonly payout: Payout }) {
  const text = useText();
  const term = useTerm();
  const { failure, return_reason: returned } = payout;
  return (
    <Page
      title={`${text('payouts.one')} ${payout.number}`}
      mark={<StateTag kind="payout" state={payout.state} />}
    >
      <div className="kc-split">
        <div className="kc-stack">
          <Panel>
            <p className="kc-amount">
              <MoneyText money={payout.amount} size="display" />
            </p>
            <StateSentence kind="payout" state={payout.state} />
            {failure === undefined ? null : (
              <Notice tone="bad">
                {text('payouts.bankSaid')}: {failure.message} <Code>{failure.code}</Code>
              </Notice>
            )}
            {returned === undefined ? null : (
              <Notice tone="bad">
                {text('payouts.returnedFor')}: {term('bankReasons', returned)}{' '}
                <Code>{returned}</Code>
              </Notice>
            )}
            <Decide payout={payout} />
          </Panel>
          <JournalsOf id={payout.id} />
        </div>
        <PayoutFacts payout={payout} />
      </div>
    </Page>
  );
}

function Decide({ payout }: { readonly payout: Payout }) {
  const text = useText();
  const me = useMe();
  const mine = payout.maker.id === me.id;
  const path = `/v1/payouts/${payout.id}`;
  const summary = (
    <Facts
      facts={[
        { name: text('money.amount'), value: <MoneyText money={payout.amount} strong /> },
        { name: text('payouts.payee'), value: payeeName(payout) },
        { name: text('payouts.remittance'), value: payout.remittance },
      ]}
    />
  );
  return (
    <div className="kc-actions">
      {payout.state === 'pending_approval' ? (
        <Decision
          maker={payout.maker}
          subject={`${text('payouts.one')} ${payout.number}`}
          summary={summary}
          approvePath={`${path}/approve`}
          reject={{ path: `${path}/reject`, reason: 'wanted' }}
        />
      ) : null}
      {mine && (payout.state === 'pending_approval' || payout.state === 'approved') ? (
        <ChangeButton
          text={text('payouts.cancel')}
          title={text('payouts.cancelTitle')}
          path={`${path}/cancel`}
          danger
        >
          {summary}
        </ChangeButton>
      ) : null}
      {openStates.has(payout.state) ? (
        <p className="kc-muted kc-small">{text('money.updates')}</p>
      ) : null}
    </div>
  );
}

function PayoutFacts({ payout }: { readonly payout: Payout }) {
  const text = useText();
  const term = useTerm();
  const time = (at: string | undefined) =>
    at === undefined ? undefined : <TimeText at={at} shape="second" />;
  const { reference, source } = payout;
  const checker = payout.checker === undefined ? undefined : <Person of={payout.checker} />;
  const facts = [
    { name: text('payouts.payee'), value: payeeName(payout) },
    { name: text('payouts.purpose'), value: term('purposes', payout.purpose) },
    { name: text('payouts.remittance'), value: payout.remittance },
    { name: text('payouts.from'), value: payout.custody_account_id },
    { name: text('payouts.virtual'), value: payout.virtual_account },
    {
      name: text('payouts.source'),
      value: <AccountName book={source.book} code={source.account_code} owner={source.owner} />,
    },
    {
      name: text('money.reference'),
      value:
        reference === undefined ? undefined : (
          <ReferenceLink kind={reference.kind} id={reference.id} />
        ),
    },
    { name: text('money.maker'), value: <Person of={payout.maker} /> },
    { name: text('money.checker'), value: checker },
    { name: text('payouts.submissions'), value: String(payout.submissions) },
    { name: text('payouts.bankReference'), value: payout.bank_reference },
    { name: text('money.proof'), value: payout.proof && <ProofFact proof={payout.proof} /> },
    { name: text('money.created'), value: time(payout.created_at) },
    { name: text('payouts.approvedAt'), value: time(payout.approved_at) },
    { name: text('payouts.submittedAt'), value: time(payout.submitted_at) },
    { name: text('payouts.paidAt'), value: time(payout.paid_at) },
    { name: text('money.finalAt'), value: time(payout.final_at) },
    { name: text('money.id'), value: <Code>{payout.id}</Code> },
  ];
  return (
    <Panel title={text('money.details')}>
      <Facts facts={facts} />
    </Panel>
  );
}
