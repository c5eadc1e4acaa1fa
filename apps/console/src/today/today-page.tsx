import { formatDate, Notice, TimeText, useLanguage } from '@keyturn/ui';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ChannelListShape } from '../api/channels.ts';
import { ReceiptPageShape } from '../api/custody.ts';
import { WaitingReleasePageShape } from '../api/deals.ts';
import { RefundPageShape } from '../api/payments.ts';
import { PayoutPageShape } from '../api/payouts.ts';
import { ExceptionPageShape, HealthShape, ProofPageShape } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';
import { usePayoutColumns } from '../money-out/payouts-page.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import { useOne } from '../parts/use-one.ts';
import { type Pages, usePages } from '../parts/use-pages.ts';
import { useExceptionColumns } from '../proof/exception-columns.tsx';
import { WaitingReleases } from './waiting-releases.tsx';
import './today.css';
import { Tag } from '../parts/tag.tsx';

const shown = 10;
const slowly = { limit: shown, everyMs: 30_000 } as const;

/** The first page: is the money proven, what is wrong, what waits for a person. */
export function TodayPage() {
  const text = useText();
  const exceptions = usePages('/v1/exceptions', ExceptionPageShape, {}, slowly);
  const waiting = usePages('/v1/payouts', PayoutPageShape, { state: 'pending_approval' }, slowly);
  const releases = usePages(
    '/v1/releases',
    WaitingReleasePageShape,
    { state: 'pending_approval' },
    slowly,
  );
  return (
    <Page title={text('today.title')} lead={text('today.lead')}>
      <ProofBanner />
      <div className="kc-tiles">
        <CountTile title={text('today.exceptions')} to="/exceptions" pages={exceptions} bad />
        <CountTile
          title={text('today.payoutsWaiting')}
          to="/payouts"
          state="pending_approval"
          pages={waiting}
        />
        <StateTile title={text('today.payoutsUnknown')} of="payouts" state="unknown" bad />
        <StateTile title={text('today.refundsWaiting')} of="refunds" state="requested" />
        <StateTile title={text('today.refundsAbnormal')} of="refunds" state="abnormal" bad />
        <ReceiptsTile />
        <ChannelsTile />
        <FeedsTile />
      </div>
      <Panel title={text('today.oldest')} flush actions={<SeeAll to="/exceptions" />}>
        <PagedTable
          label={text('today.oldest')}
          pages={exceptions}
          columns={useExceptionColumns()}
          rowKey={(exception) => exception.id}
          marked={({ overdue }) => overdue}
          empty={{ title: text('exceptions.none'), description: text('exceptions.noneWhy') }}
        />
      </Panel>
      <WaitingReleases pages={releases} />
      <Panel title={text('today.approvals')} flush actions={<SeeAll to="/payouts" />}>
        <PagedTable
          label={text('today.approvals')}
          pages={waiting}
          columns={usePayoutColumns()}
          rowKey={(payout) => payout.id}
          empty={{ title: text('payouts.none') }}
        />
      </Panel>
    </Page>
  );
}

function SeeAll({ to }: { readonly to: '/exceptions' | '/payouts' }) {
  const text = useText();
  return <Link to={to}>{text('today.seeAll')}</Link>;
}

/** Whether bank and ledger agreed on the last day that was proven. */
function ProofBanner() {
  const text = useText();
  const language = useLanguage();
  const proofs = useOne('/v1/proofs', ProofPageShape, { query: { limit: 1 }, everyMs: 60_000 });
  const [latest] = proofs.data?.items ?? [];
  if (latest === undefined) {
    return proofs.data === undefined ? null : (
      <Notice tone="attention">{text('today.proofNone')}</Notice>
    );
  }
  return (
    <Link
      to="/proof"
      search={{ date: latest.date }}
      className={`kc-proof-banner kc-proof-${latest.balanced ? 'good' : 'bad'}`}
    >
      <span>{text('today.proof')}</span>
      <strong>{formatDate(latest.date, language)}</strong>
      <Tag tone={latest.balanced ? 'good' : 'bad'}>
        {text(latest.balanced ? 'proof.balanced' : 'proof.unbalanced')}
      </Tag>
      <span className="kc-muted kc-small">
        {text('proof.madeAt')} <TimeText at={latest.made_at} />
      </span>
      <span className="kc-proof-open">{text('today.openProof')} →</span>
    </Link>
  );
}

interface TileProps {
  readonly title: string;
  readonly to: '/exceptions' | '/payouts' | '/refunds' | '/receipts' | '/channels' | '/statements';
  readonly state?: string;
  readonly value: ReactNode;
  readonly tone: 'calm' | 'bad' | 'attention';
}

function Tile({ title, to, state, value, tone }: TileProps) {
  return (
    <Link
      to={to}
      search={state === undefined ? {} : { state }}
      className={`kc-tile kc-tile-${tone}`}
    >
      <span>{title}</span>
      <strong>{value}</strong>
    </Link>
  );
}

interface CountTileProps extends Omit<TileProps, 'value' | 'tone'> {
  readonly pages: Pages<unknown>;
  /** Whether anything at all here is something wrong, not only something to do. */
  readonly bad?: boolean;
}

function CountTile({ pages, bad, ...tile }: CountTileProps) {
  const text = useText();
  const { rows, query } = pages;
  const count = rows?.length;
  const some = count !== undefined && count > 0;
  const value =
    count === undefined
      ? query.error === null
        ? '…'
        : '!'
      : query.hasNextPage
        ? text('today.more', { count })
        : count;
  return (
    <Tile {...tile} value={value} tone={!some ? 'calm' : bad === true ? 'bad' : 'attention'} />
  );
}

interface StateTileProps {
  readonly title: string;
  readonly of: 'payouts' | 'refunds';
  readonly state: string;
  readonly bad?: boolean;
}

function StateTile({ title, of, state, bad = false }: StateTileProps) {
  const payouts = usePages(
    '/v1/payouts',
    PayoutPageShape,
    { state },
    { ...slowly, enabled: of === 'payouts' },
  );
  const refunds = usePages(
    '/v1/refunds',
    RefundPageShape,
    { state },
    { ...slowly, enabled: of === 'refunds' },
  );
  const pages = of === 'payouts' ? payouts : refunds;
  return <CountTile title={title} to={`/${of}`} state={state} pages={pages} bad={bad} />;
}

function ReceiptsTile() {
  const text = useText();
  const pages = usePages('/v1/receipts', ReceiptPageShape, { state: 'booked' }, slowly);
  return <CountTile title={text('today.receipts')} to="/receipts" state="booked" pages={pages} />;
}

function ChannelsTile() {
  const text = useText();
  const channels = useOne('/v1/channels', ChannelListShape, { everyMs: 15_000 });
  const down = channels.data?.items.filter(
    ({ state, health }) => state === 'enabled' && health.circuit !== 'closed',
  ).length;
  const words =
    down === undefined
      ? '…'
      : down === 0
        ? text('today.channelsFine')
        : text('today.channelsDown', { count: down });
  const tone = down === undefined || down === 0 ? 'calm' : 'bad';
  return <Tile title={text('today.channels')} to="/channels" value={words} tone={tone} />;
}

/** Whether the statements and bills that the next proof needs have come. */
function FeedsTile() {
  const text = useText();
  const health = useOne('/v1/reconciliation-health', HealthShape, { everyMs: 60_000 });
  const missing =
    health.data &&
    [...health.data.statements, ...health.data.bills].filter((feed) => feed.missing).length;
  const words =
    missing === undefined
      ? health.error === null
        ? '…'
        : '!'
      : missing === 0
        ? text('today.feedsFine')
        : text('today.feedsMissing', { count: missing });
  const tone = missing === undefined || missing === 0 ? 'calm' : 'bad';
  return <Tile title={text('today.feeds')} to="/statements" value={words} tone={tone} />;
}
