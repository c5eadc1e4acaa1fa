import { EmptyState, StateTag, TimeText } from '@keyturn/ui';
import { Link } from '@tanstack/react-router';
import { type Channel, ChannelListShape } from '../api/channels.ts';
import { type Text, useTerm, useText } from '../language/use-text.ts';
import { Answer } from '../parts/answer.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { type Column, RecordTable } from '../parts/record-table.tsx';
import { useOne } from '../parts/use-one.ts';
import { ChannelHealth } from './channel-health.tsx';

/** The contracts with acquirers and banks, and how they answer. */
export function ChannelsPage() {
  const text = useText();
  const term = useTerm();
  const channels = useOne('/v1/channels', ChannelListShape, { everyMs: 15_000 });
  return (
    <Page title={text('nav.channels')} lead={text('channels.lead')}>
      <Panel flush>
        <div className={channels.data === undefined ? 'kc-padded' : ''}>
          <Answer of={channels}>
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState title={text('channels.none')} />
              ) : (
                <RecordTable
                  label={text('nav.channels')}
                  columns={channelColumns(text, (adapter) => term('adapters', adapter))}
                  rows={items}
                  rowKey={(channel) => channel.id}
                  marked={({ state, health }) => state === 'enabled' && health.circuit === 'open'}
                />
              )
            }
          </Answer>
        </div>
      </Panel>
    </Page>
  );
}

function channelColumns(text: Text, adapter: (key: string) => string): readonly Column<Channel>[] {
  const time = (at: string | undefined) =>
    at === undefined ? text('channels.never') : <TimeText at={at} shape="second" />;
  return [
    {
      key: 'id',
      title: text('channels.one'),
      head: true,
      cell: ({ id }) => (
        <Link to="/channels/$id" params={{ id }}>
          {id}
        </Link>
      ),
    },
    {
      key: 'health',
      title: text('channels.health'),
      cell: (channel) => <ChannelHealth channel={channel} />,
    },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: (channel) => <StateTag kind="contract" state={channel.state} />,
    },
    {
      key: 'adapter',
      title: text('channels.adapter'),
      cell: (channel) => adapter(channel.adapter),
    },
    { key: 'book', title: text('journals.book'), cell: (channel) => channel.book },
    { key: 'fee', title: text('channels.fee'), end: true, cell: (one) => percent(one.fee_bps) },
    {
      key: 'success',
      title: text('channels.lastSuccess'),
      tight: true,
      cell: (channel) => time(channel.health.last_success_at),
    },
    {
      key: 'failure',
      title: text('channels.lastFailure'),
      tight: true,
      cell: (channel) => time(channel.health.last_failure_at),
    },
  ];
}

/** Basis points as a percentage: 60 is 0.60 %. */
export function percent(bps: number): string {
  return `${Math.trunc(bps / 100)}.${String(bps % 100).padStart(2, '0')}%`;
}
