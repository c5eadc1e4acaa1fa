import type { Channel } from '../api/channels.ts';
import { useText } from '../language/use-text.ts';
import { Tag } from '../parts/tag.tsx';

const tones = { closed: 'good', half_open: 'attention', open: 'bad' } as const;

/** How a channel answers, in a word and a sentence. */
export function ChannelHealth({ channel }: { readonly channel: Channel }) {
  const text = useText();
  const { circuit, consecutive_failures: failures, last_success_at: success } = channel.health;
  const unused = success === undefined && channel.health.last_failure_at === undefined;
  if (unused) return <Tag tone="neutral">{text('channels.unused')}</Tag>;
  return (
    <>
      <Tag tone={tones[circuit]}>{text(`channels.${circuit}`)}</Tag>
      {failures === 0 ? null : (
        <div className="kc-small kc-muted">{text('channels.failures', { count: failures })}</div>
      )}
    </>
  );
}
