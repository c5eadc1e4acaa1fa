import { Notice, pickText, StateTag, TimeText, useLanguage } from '@keyturn/ui';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type Deal, type DealMoney, DealMoneyShape, DealShape } from '../api/deals.ts';
import { useText } from '../language/use-text.ts';
import { JournalsOf } from '../ledger/journals-of.tsx';
import { Answer } from '../parts/answer.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { TabLinks } from '../parts/tab-links.tsx';
import { useOne } from '../parts/use-one.ts';
import { Conditions } from './conditions.tsx';
import { DealActions } from './deal-actions.tsx';
import { DealFlowPanel } from './deal-flow.tsx';
import { DealItems, DealTotals } from './deal-items.tsx';
import { DealOrders } from './deal-orders.tsx';
import { DealParties } from './deal-parties.tsx';
import { DealStory } from './deal-story.tsx';
import { Movements } from './movements.tsx';
import { NextSteps } from './next-steps.tsx';
import './deal.css';

const route = getRouteApi('/deals/$id');
const parts = ['money', 'releases', 'evidence', 'story', 'orders', 'journals'] as const;
type Part = (typeof parts)[number];

/** One deal: what is where, what is next, how it came so. */
export function DealPage() {
  const { id } = route.useParams();
  const text = useText();
  const money = useOne(`/v1/deals/${id}/money`, DealMoneyShape, { everyMs: 10_000 });
  const deal = useOne(`/v1/deals/${id}`, DealShape, { everyMs: 30_000 });
  if (money.data === undefined || deal.data === undefined) {
    return (
      <Page title={text('deals.one')}>
        <Panel>
          <Answer of={money}>{() => <Answer of={deal}>{() => null}</Answer>}</Answer>
        </Panel>
      </Page>
    );
  }
  return <DealView deal={deal.data} money={money.data} />;
}

interface DealViewProps {
  readonly deal: Deal;
  readonly money: DealMoney;
}

function DealView({ deal, money }: DealViewProps) {
  const text = useText();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const part: Part = parts.find((known) => known === search.part) ?? 'money';
  return (
    <Page
      title={deal.title}
      lead={
        <>
          {deal.number} · {deal.city} ·{' '}
          <Link to="/agreements/$id" params={{ id: deal.agreement_id }}>
            {text('deals.agreement', deal.agreement)}
          </Link>
        </>
      }
      mark={<StateTag kind="deal" state={money.deal.state} />}
      actions={<DealActions deal={deal} money={money} />}
    >
      <Warnings money={money} />
      <DealTotals totals={money.totals} />
      <NextSteps deal={deal} money={money} />
      <TabLinks
        label={text('deals.parts')}
        tabs={parts.map((value) => ({ value, text: text(`deals.part.${value}`) }))}
        value={part}
        onChange={(value) => navigate({ search: value === 'money' ? {} : { part: value } })}
      />
      <PartView part={part} deal={deal} money={money} />
    </Page>
  );
}

function PartView({ part, deal, money }: DealViewProps & { readonly part: Part }) {
  switch (part) {
    case 'money':
      return (
        <>
          <DealFlowPanel flow={money.flow} />
          <DealItems money={money} />
          <DealParties deal={deal} />
        </>
      );
    case 'releases':
      return <Movements money={money} />;
    case 'evidence':
      return <Conditions deal={deal} conditions={money.conditions} />;
    case 'story':
      return <DealStory lines={money.timeline} />;
    case 'orders':
      return <DealOrders money={money} />;
    case 'journals':
      return <JournalsOf id={objectsOf(money)} />;
  }
}

/** Everything of a deal that journals name as their cause; the server takes fifty at once. */
function objectsOf({ deal, items, releases, refunds }: DealMoney): readonly string[] {
  const legs = [...releases.flatMap((release) => release.parts), ...refunds];
  const ids = [
    deal.id,
    ...items.flatMap(({ id, order }) => (order === undefined ? [id] : [id, order.id])),
    ...legs.flatMap((leg) => [leg.payout_id, leg.refund_id]),
  ];
  return [...new Set(ids)].flatMap((id) => (id === undefined ? [] : [id])).slice(0, 50);
}

/** What stops the money of the deal. */
function Warnings({ money }: { readonly money: DealMoney }) {
  const text = useText();
  const language = useLanguage();
  const { freeze, failure } = money.deal;
  const names = money.items
    .filter(({ key }) => freeze?.items.includes(key))
    .map(({ name }) => pickText(name, language));
  return (
    <>
      {freeze === undefined ? null : (
        <Notice tone="bad">
          {text(names.length === 0 ? 'deals.frozenAll' : 'deals.frozenItems', {
            items: names.join(', '),
            reason: freeze.reason ?? '',
          })}{' '}
          {freeze.until === undefined ? null : (
            <>
              {text('deals.frozenUntil')} <TimeText at={freeze.until} />
            </>
          )}
        </Notice>
      )}
      {failure === undefined ? null : (
        <Notice tone="attention">
          {text('deals.failure', {
            name: pickText(failure.name, language),
            reason: failure.reason ?? '',
          })}
        </Notice>
      )}
      {money.shortfalls.length === 0 ? null : (
        <Notice tone="bad">{text('deals.shortfall', { count: money.shortfalls.length })}</Notice>
      )}
    </>
  );
}
