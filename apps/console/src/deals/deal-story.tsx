import { EmptyState, pickText, Timeline, type TimelineLine, useLanguage } from '@keyturn/ui';
import type { DealLine } from '../api/deals.ts';
import { type TermGroup, useTerm, useText } from '../language/use-text.ts';
import { Panel } from '../parts/page.tsx';

/** What happened, newest first, in sentences. */
export function DealStory({ lines }: { readonly lines: readonly DealLine[] }) {
  const text = useText();
  const line = useLine();
  return (
    <Panel title={text('deals.part.story')}>
      {lines.length === 0 ? (
        <EmptyState title={text('deals.noStory')} />
      ) : (
        <Timeline lines={lines.map(line)} />
      )}
    </Panel>
  );
}

/** Parameters that the server names by keys of its own. */
const named: Readonly<Record<string, TermGroup>> = { method: 'methods' };

function useLine(): (line: DealLine, index: number) => TimelineLine {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  return (line, index) => {
    const subject = line.item ?? undefined;
    const said = Object.entries(line.parameters).filter(([, value]) => value !== '');
    const details = said.map(([key, value]) => {
      const group = named[key];
      const shown =
        typeof value !== 'string'
          ? pickText(value, language)
          : group === undefined
            ? value
            : term(group, value);
      return `${term('parameters', key)}: ${shown}`;
    });
    const who = line.role === undefined ? '' : pickText(line.role.name, language);
    const what = subject === undefined ? '' : pickText(subject.name, language);
    return {
      id: `${line.at} ${line.key} ${index}`,
      at: line.at,
      text: [term('story', line.key), what, who].filter(Boolean).join(text('deals.dot')),
      ...(details.length === 0 ? {} : { detail: details.join(text('deals.comma')) }),
      ...(line.amount === undefined ? {} : { money: line.amount }),
      tone: toneOf(line.key),
    };
  };
}

function toneOf(key: string): NonNullable<TimelineLine['tone']> {
  if (/_failed$|_returned$|rejected|frozen$|shortfall|reversed|canceled/.test(key)) {
    return key === 'unfrozen' ? 'neutral' : 'bad';
  }
  if (/requested/.test(key)) return 'attention';
  if (/_paid$|funded|released|refunded|agreed$/.test(key)) return 'good';
  return /approved|opened|started|converted/.test(key) ? 'progress' : 'neutral';
}
