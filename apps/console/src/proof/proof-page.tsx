import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { ApiError, EmptyState, formatDate, TimeText, useLanguage } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { type Proof, ProofPageShape, ProofShape } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';
import { Answer } from '../parts/answer.tsx';
import { Field } from '../parts/field.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { useOne } from '../parts/use-one.ts';
import { dayAfter } from './day.ts';
import { ProofPlaces } from './proof-places.tsx';
import { ReconcileButton } from './reconcile-button.tsx';
import { SignedMoney } from './signed-money.tsx';
import { isProven } from './verdict.ts';
import './proof.css';

const route = getRouteApi('/proof');

/** One day's proof: bank, ledger and what is owed, per account, to the fen. */
export function ProofPage() {
  const text = useText();
  const search = route.useSearch();
  const latest = useOne('/v1/proofs', ProofPageShape, { query: { limit: 1 } });
  const asked = /^\d{4}-\d{2}-\d{2}$/.test(search.date ?? '') ? search.date : undefined;
  const date = asked ?? latest.data?.items[0]?.date;
  return (
    <Page title={text('nav.dayProof')} lead={text('proof.lead')}>
      <DayBar date={date} />
      {date === undefined ? (
        <Panel>
          <Answer of={latest}>
            {() => (
              <EmptyState title={text('today.proofNone')} description={text('proof.noneWhy')} />
            )}
          </Answer>
        </Panel>
      ) : (
        <Day date={date} key={date} />
      )}
    </Page>
  );
}

function DayBar({ date }: { readonly date: string | undefined }) {
  const text = useText();
  const navigate = route.useNavigate();
  const go = (to: string | undefined) => {
    if (to !== undefined && to !== '') void navigate({ search: { date: to } });
  };
  const near = (days: number) => (date === undefined ? undefined : dayAfter(date, days));
  return (
    <div className="kc-day">
      <Button
        icon={<LeftOutlined />}
        aria-label={text('proof.before')}
        disabled={date === undefined}
        onClick={() => go(near(-1))}
      />
      <Field label={text('proof.day')}>
        {(control) => (
          <Input
            {...control}
            type="date"
            key={date}
            defaultValue={date}
            onChange={(event) => go(event.target.value)}
          />
        )}
      </Field>
      <Button
        icon={<RightOutlined />}
        aria-label={text('proof.after')}
        disabled={date === undefined}
        onClick={() => go(near(1))}
      />
      {date === undefined ? null : <ReconcileButton date={date} />}
    </div>
  );
}

function Day({ date }: { readonly date: string }) {
  const text = useText();
  const language = useLanguage();
  const proof = useOne(`/v1/proofs/${date}`, ProofShape);
  if (proof.data !== undefined) return <ProofView proof={proof.data} />;
  const none = proof.error instanceof ApiError && proof.error.code === 'proof_not_found';
  return (
    <Panel>
      {none ? (
        <EmptyState
          title={text('proof.none', { date: formatDate(date, language) })}
          description={text('proof.noneWhy')}
        />
      ) : (
        <Answer of={proof}>{() => null}</Answer>
      )}
    </Panel>
  );
}

function ProofView({ proof }: { readonly proof: Proof }) {
  const text = useText();
  const language = useLanguage();
  const proven = isProven(proof);
  const currencies = new Set(proof.accounts.map(({ currency }) => currency));
  const [currency] = currencies;
  return (
    <>
      <section
        className={`kc-verdict kc-verdict-${proven ? 'good' : 'bad'}`}
        aria-label={text('proof.verdict')}
      >
        <div>
          <h2>
            {text(proven ? 'proof.balancedLong' : 'proof.unbalancedLong', {
              date: formatDate(proof.date, language),
            })}
          </h2>
          <p>
            {text('proof.version', { version: proof.version })} · {text('proof.madeAt')}{' '}
            <TimeText at={proof.made_at} shape="second" />
          </p>
        </div>
        {currencies.size === 1 ? <Totals proof={proof} currency={currency} /> : null}
      </section>
      <ProofPlaces proof={proof} />
    </>
  );
}

interface TotalsProps {
  readonly proof: Proof;
  readonly currency: string | undefined;
}

function Totals({ proof: { totals }, currency }: TotalsProps) {
  const text = useText();
  const figures = ['bank', 'in_transit', 'ledger', 'liabilities'] as const;
  return (
    <dl className="kc-verdict-totals">
      {figures.map((figure) => (
        <div key={figure}>
          <dt>{text(`proof.figure.${figure}`)}</dt>
          <dd>
            <SignedMoney amount={totals[figure]} currency={currency} />
          </dd>
        </div>
      ))}
      <div>
        <dt>{text('proof.figure.difference')}</dt>
        <dd>
          <SignedMoney amount={totals.difference} currency={currency} strong nilIsGood />
        </dd>
      </div>
    </dl>
  );
}
