import { Notice, StateSentence, StateTag, Timeline, TimeText } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { type Exception, ExceptionShape } from '../api/reconciliation.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { JournalsOf } from '../ledger/journals-of.tsx';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { Code } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { useOne } from '../parts/use-one.ts';
import { ExceptionActions } from './exception-actions.tsx';
import { Evidence, ProposalView } from './exception-parts.tsx';
import { SignedMoney } from './signed-money.tsx';
import { useSubject } from './subject.ts';

const route = getRouteApi('/exceptions/$id');

/** One difference: what is wrong, with what evidence, who deals with it, and how it ends. */
export function ExceptionPage() {
  const { id } = route.useParams();
  const text = useText();
  const exception = useOne(`/v1/exceptions/${id}`, ExceptionShape);
  if (exception.data === undefined) {
    return (
      <Page title={text('exceptions.one')}>
        <Panel>
          <Answer of={exception}>{() => null}</Answer>
        </Panel>
      </Page>
    );
  }
  return <ExceptionView exception={exception.data} />;
}

function ExceptionView({ exception }: { readonly exception: Exception }) {
  const text = useText();
  const term = useTerm();
  const subjectText = useSubject();
  const { kind, state, subject, overdue, amount, currency } = exception;
  return (
    <Page
      title={term('exceptionKinds', kind)}
      lead={subjectText(subject)}
      mark={<StateTag kind="exception" state={state} />}
    >
      <div className="kc-split">
        <div className="kc-stack">
          <Panel>
            {amount === null ? null : (
              <p className="kc-exception-amount">
                <SignedMoney amount={amount} currency={currency} strong />
                {amount === 0n ? null : (
                  <span className="kc-muted kc-small">
                    {text(amount > 0n ? 'exceptions.over' : 'exceptions.short')}
                  </span>
                )}
              </p>
            )}
            <StateSentence kind="exception" state={state} />
            {overdue ? <Notice tone="bad">{text('exceptions.overdueLong')}</Notice> : null}
            {exception.proposal === undefined ? null : (
              <ProposalView proposal={exception.proposal} />
            )}
            <ExceptionActions exception={exception} />
          </Panel>
          <Panel title={text('exceptions.evidence')}>
            <Evidence evidence={exception.evidence} currency={currency} />
          </Panel>
          <Steps exception={exception} />
          <JournalsOf id={exception.id} />
        </div>
        <ExceptionFacts exception={exception} />
      </div>
    </Page>
  );
}

function ExceptionFacts({ exception }: { readonly exception: Exception }) {
  const text = useText();
  const { owner, maker, checker, journal_id: journal } = exception;
  const facts = [
    { name: text('exceptions.day'), value: exception.day },
    { name: text('exceptions.account'), value: exception.account_id },
    { name: text('exceptions.contract'), value: exception.contract_id },
    { name: text('journals.book'), value: exception.book },
    {
      name: text('exceptions.owner'),
      value: owner === undefined ? text('exceptions.nobody') : <Person of={owner} />,
    },
    { name: text('exceptions.deadline'), value: <TimeText at={exception.deadline} /> },
    { name: text('money.maker'), value: maker && <Person of={maker} /> },
    { name: text('money.checker'), value: checker && <Person of={checker} /> },
    { name: text('exceptions.note'), value: exception.note },
    { name: text('exceptions.journal'), value: journal && <Code>{journal}</Code> },
    {
      name: text('exceptions.openedAt'),
      value: <TimeText at={exception.opened_at} shape="second" />,
    },
    {
      name: text('exceptions.resolvedAt'),
      value: exception.resolved_at && <TimeText at={exception.resolved_at} shape="second" />,
    },
    { name: text('money.id'), value: <Code>{exception.id}</Code> },
  ];
  return (
    <Panel title={text('money.details')}>
      <Facts facts={facts} />
    </Panel>
  );
}

function Steps({ exception }: { readonly exception: Exception }) {
  const text = useText();
  if (exception.steps.length === 0) return null;
  return (
    <Panel title={text('exceptions.steps')}>
      <Timeline
        lines={exception.steps.map((step, index) => ({
          id: `${step.at} ${index}`,
          at: step.at,
          text: (
            <>
              <StateTag kind="exception" state={step.state} /> <Person of={step.by} />
            </>
          ),
          ...(Object.keys(step.detail).length === 0
            ? {}
            : { detail: <Evidence evidence={step.detail} currency={exception.currency} /> }),
        }))}
      />
    </Panel>
  );
}
