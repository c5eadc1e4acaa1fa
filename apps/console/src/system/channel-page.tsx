import { EmptyState, StateTag, TimeText } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { type Channel, ChannelListShape, type Message, MessagePageShape } from '../api/channels.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { Field } from '../parts/field.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedRows } from '../parts/paged-rows.tsx';
import { useOne } from '../parts/use-one.ts';
import { usePages } from '../parts/use-pages.ts';
import { ChannelHealth } from './channel-health.tsx';
import { percent } from './channels-page.tsx';
import './messages.css';
import { Tag } from '../parts/tag.tsx';

const route = getRouteApi('/channels/$id');

/** One contract, and what was said over it about one reference. */
export function ChannelPage() {
  const text = useText();
  const { id } = route.useParams();
  const channels = useOne('/v1/channels', ChannelListShape, { everyMs: 15_000 });
  return (
    <Page title={`${text('channels.one')} ${id}`}>
      <div className="kc-split">
        <MessageLog id={id} />
        <Panel title={text('money.details')}>
          <Answer of={channels}>
            {({ items }) => {
              const channel = items.find((item) => item.id === id);
              return channel === undefined ? (
                <EmptyState title={text('channels.unknown', { id })} />
              ) : (
                <ChannelFacts channel={channel} />
              );
            }}
          </Answer>
        </Panel>
      </div>
    </Page>
  );
}

function ChannelFacts({ channel }: { readonly channel: Channel }) {
  const text = useText();
  const term = useTerm();
  const { health } = channel;
  const time = (at: string | undefined) =>
    at === undefined ? undefined : <TimeText at={at} shape="second" />;
  const facts = [
    { name: text('channels.health'), value: <ChannelHealth channel={channel} /> },
    { name: text('money.state'), value: <StateTag kind="contract" state={channel.state} /> },
    { name: text('channels.adapter'), value: term('adapters', channel.adapter) },
    { name: text('channels.address'), value: channel.address },
    { name: text('journals.book'), value: channel.book },
    { name: text('channels.settlesTo'), value: channel.settles_to },
    { name: text('channels.fee'), value: percent(channel.fee_bps) },
    { name: text('channels.underWay'), value: String(health.calls_under_way) },
    { name: text('channels.lastSuccess'), value: time(health.last_success_at) },
    { name: text('channels.lastFailure'), value: time(health.last_failure_at) },
    { name: text('channels.version'), value: String(channel.version) },
    { name: text('channels.effective'), value: time(channel.effective_from) },
    { name: text('money.maker'), value: channel.created_by },
    { name: text('money.checker'), value: channel.approved_by },
  ];
  return <Facts facts={facts} />;
}

function MessageLog({ id }: { readonly id: string }) {
  const text = useText();
  const { reference } = route.useSearch();
  const navigate = route.useNavigate();
  const find = (data: FormData) => {
    const wanted = String(data.get('reference') ?? '').trim();
    void navigate({ search: wanted === '' ? {} : { reference: wanted } });
  };
  return (
    <Panel title={text('channels.log')} lead={text('channels.logLead')} flush>
      <form className="kc-find kc-padded" action={find} key={reference}>
        <Field label={text('channels.reference')} hint={text('channels.referenceHint')}>
          {(control) => (
            <Input {...control} name="reference" defaultValue={reference} maxLength={100} />
          )}
        </Field>
        <Button type="primary" htmlType="submit">
          {text('search.go')}
        </Button>
      </form>
      {reference === undefined ? (
        <EmptyState title={text('channels.ask')} description={text('channels.askWhy')} />
      ) : (
        <Messages id={id} reference={reference} />
      )}
    </Panel>
  );
}

function Messages({ id, reference }: { readonly id: string; readonly reference: string }) {
  const text = useText();
  const pages = usePages(`/v1/channels/${id}/messages`, MessagePageShape, { reference });
  return (
    <PagedRows
      pages={pages}
      label={text('channels.log')}
      empty={{ title: text('channels.noMessages'), description: text('channels.noMessagesWhy') }}
    >
      {(messages) => (
        <ol className="kc-messages">
          {messages.map((message) => (
            <MessageLine key={message.id} message={message} />
          ))}
        </ol>
      )}
    </PagedRows>
  );
}

function MessageLine({ message }: { readonly message: Message }) {
  const text = useText();
  const bad = !/^(ok|accepted|applied|stored)/.test(message.outcome);
  return (
    <li>
      <details>
        <summary>
          <TimeText at={message.at} shape="second" />
          <span className="kc-direction">{text(`channels.${message.direction}`)}</span>
          <strong>{message.operation}</strong>
          <Tag tone={bad ? 'attention' : 'good'}>{message.outcome}</Tag>
          <span className="kc-muted">{message.duration_ms} ms</span>
        </summary>
        <h3>{text('channels.request')}</h3>
        <pre>{message.request}</pre>
        <h3>{text('channels.response')}</h3>
        <pre>{message.response || '—'}</pre>
      </details>
    </li>
  );
}
