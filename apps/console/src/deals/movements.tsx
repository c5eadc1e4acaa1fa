import {
  EmptyState,
  MoneyText,
  Notice,
  pickText,
  StateTag,
  TimeText,
  useLanguage,
} from '@keyturn/ui';
import type { DealMoney, Leg, Release } from '../api/deals.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Facts } from '../parts/facts.tsx';
import { Code, ObjectLink } from '../parts/object-link.tsx';
import { Panel } from '../parts/page.tsx';
import { Person } from '../parts/person.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { ReleaseDecision } from './release-decision.tsx';

/** What left the deal or is about to: releases with their parts, refunds, and what is missing. */
export function Movements({ money }: { readonly money: DealMoney }) {
  const text = useText();
  const { releases, refunds, shortfalls } = money;
  const nothing = releases.length + refunds.length + shortfalls.length === 0;
  if (nothing) {
    return (
      <Panel>
        <EmptyState title={text('releases.none')} description={text('releases.noneWhy')} />
      </Panel>
    );
  }
  return (
    <>
      {releases.map((release) => (
        <ReleasePanel key={release.id} release={release} />
      ))}
      {refunds.length === 0 ? null : (
        <Panel title={text('releases.refunds')} flush>
          <Legs legs={refunds} label={text('releases.refunds')} />
        </Panel>
      )}
      {shortfalls.length === 0 ? null : <Shortfalls money={money} />}
    </>
  );
}

function ReleasePanel({ release }: { readonly release: Release }) {
  const text = useText();
  const language = useLanguage();
  const { maker, checker, reason } = release;
  return (
    <Panel
      title={pickText(release.name, language)}
      actions={<StateTag kind="release" state={release.state} />}
      flush
    >
      <div className="kc-padded kc-stack">
        <Facts
          facts={[
            { name: text('money.amount'), value: <MoneyText money={release.amount} strong /> },
            { name: text('releases.to'), value: pickText(release.to.name, language) },
            { name: text('money.maker'), value: maker && <Person of={maker} /> },
            { name: text('releases.requestedAt'), value: <TimeText at={release.requested_at} /> },
            { name: text('money.checker'), value: checker && <Person of={checker} /> },
            {
              name: text('releases.decidedAt'),
              value: release.decided_at && <TimeText at={release.decided_at} />,
            },
            { name: text('decision.reason'), value: reason },
            { name: text('money.id'), value: <Code>{release.id}</Code> },
          ]}
        />
        {release.state === 'pending_approval' ? <ReleaseDecision release={release} /> : null}
      </div>
      <Legs legs={release.parts} label={text('releases.parts')} />
    </Panel>
  );
}

function Legs({ legs, label }: { readonly legs: readonly Leg[]; readonly label: string }) {
  return (
    <RecordTable
      label={label}
      columns={useLegColumns()}
      rows={legs.map((leg, index) => ({ ...leg, place: String(index) }))}
      rowKey={(leg) => leg.place}
      marked={({ state }) => state === 'failed' || state === 'returned'}
    />
  );
}

function useLegColumns(): readonly Column<Leg>[] {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  return [
    {
      key: 'item',
      title: text('deals.item'),
      head: true,
      cell: (leg) => pickText(leg.item.name, language),
    },
    { key: 'to', title: text('releases.to'), cell: (leg) => pickText(leg.to.name, language) },
    {
      key: 'amount',
      title: text('money.amount'),
      end: true,
      cell: (leg) => <MoneyText money={leg.amount} strong />,
    },
    { key: 'way', title: text('releases.way'), cell: (leg) => term('legWays', leg.way) },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: (leg) => <StateTag kind="leg" state={leg.state} />,
    },
    { key: 'account', title: text('deals.bankAccount'), cell: (leg) => leg.account },
    {
      key: 'movement',
      title: text('releases.movement'),
      cell: ({ payout_id: payout, refund_id: refund, reason }) =>
        [payout, refund, reason].every((one) => one === undefined) ? null : (
          <>
            {payout === undefined ? null : <ObjectLink id={payout} />}
            {refund === undefined ? null : <ObjectLink id={refund} />}
            {reason === undefined ? null : <div className="kc-small">{reason}</div>}
          </>
        ),
    },
  ];
}

function Shortfalls({ money }: { readonly money: DealMoney }) {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  return (
    <Panel title={text('releases.shortfalls')}>
      {money.shortfalls.map(({ item, owed_by: owes, reason, amount }) => (
        <Notice key={`${item.key} ${owes.role} ${reason}`} tone="bad">
          {pickText(item.name, language)} · {pickText(owes.name, language)}:{' '}
          <MoneyText money={amount} strong /> — {term('shortfalls', reason)}
        </Notice>
      ))}
    </Panel>
  );
}
