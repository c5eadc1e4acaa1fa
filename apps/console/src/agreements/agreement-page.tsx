import { StateSentence, StateTag, TimeText } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { type Agreement, AgreementShape } from '../api/agreements.ts';
import { useText } from '../language/use-text.ts';
import { Answer } from '../parts/answer.tsx';
import { Decision } from '../parts/decision.tsx';
import { Facts } from '../parts/facts.tsx';
import { Code } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { useOne } from '../parts/use-one.ts';
import { TermsView } from './terms-view.tsx';

const route = getRouteApi('/agreements/$id');

/** One version of an agreement: its terms in words, and its way to being published. */
export function AgreementPage() {
  const { id } = route.useParams();
  const text = useText();
  const agreement = useOne(`/v1/agreements/${id}`, AgreementShape);
  if (agreement.data === undefined) {
    return (
      <Page title={text('agreements.one')}>
        <Panel>
          <Answer of={agreement}>{() => null}</Answer>
        </Panel>
      </Page>
    );
  }
  return <AgreementView agreement={agreement.data} />;
}

function AgreementView({ agreement }: { readonly agreement: Agreement }) {
  const text = useText();
  const { id, name, version, state, terms, published_by: checker } = agreement;
  const facts = [
    { name: text('money.maker'), value: <Person of={agreement.made_by} /> },
    { name: text('money.created'), value: <TimeText at={agreement.created_at} /> },
    { name: text('money.checker'), value: checker && <Person of={checker} /> },
    {
      name: text('agreements.publishedAt'),
      value: agreement.published_at && <TimeText at={agreement.published_at} />,
    },
    { name: text('money.id'), value: <Code>{id}</Code> },
  ];
  return (
    <Page
      title={name}
      lead={text('agreements.versionOf', { version })}
      mark={<StateTag kind="agreement" state={state} />}
    >
      <Panel>
        <StateSentence kind="agreement" state={state} />
        {state === 'draft' ? (
          <div className="kc-actions">
            <Decision
              maker={agreement.made_by}
              subject={text('agreements.publishTitle', { name, version })}
              summary={<p>{text('agreements.publishWhat')}</p>}
              approveText={text('agreements.publish')}
              approvePath={`/v1/agreements/${id}/publish`}
            />
          </div>
        ) : null}
        <Facts facts={facts} />
      </Panel>
      <TermsView terms={terms} />
    </Page>
  );
}
