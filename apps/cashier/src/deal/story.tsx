import { type Language, pickText, Timeline, type Tone, useLanguage } from '@keyturn/ui';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import type { Line } from './deal-money.ts';

/** What happened, newest first. */
export function Story({ lines }: { readonly lines: readonly Line[] }) {
  const { t, i18n } = useTranslation();
  const language = useLanguage();
  if (lines.length === 0) return <p className="deal-list-detail">{t('deal.storyEmpty')}</p>;
  const shown = lines.map((line, index) => ({
    // Lines are only ever added in front: counted from the end, each keeps its number.
    id: String(lines.length - index),
    at: line.at,
    text: lineSentence(line, language, t, (key) => i18n.exists(key)),
    tone: toneOf(line.key),
    ...(line.amount === undefined || line.amount.amount === 0n ? {} : { money: line.amount }),
  }));
  return <Timeline lines={shown} />;
}

/** A line as a sentence. One that we have no words for is shown by its key. */
export function lineSentence(
  line: Line,
  language: Language,
  t: TFunction,
  exists: (key: string) => boolean,
): string {
  const values: Record<string, string> = { key: line.key };
  for (const [name, value] of Object.entries(line.parameters)) {
    values[name] = typeof value === 'string' ? value : pickText(value, language);
  }
  if (line.item !== undefined) values['item'] = pickText(line.item.name, language);
  if (line.role !== undefined) values['role'] = pickText(line.role.name, language);
  const key = line.key === 'frozen' && line.item === undefined ? 'frozenAll' : line.key;
  return exists(`story.${key}`) ? t(`story.${key}`, values) : t('story.other', values);
}

function toneOf(key: string): Tone {
  if (/_(paid|funded|released|refunded|agreed)$/.test(key)) return 'good';
  if (/_(failed|returned|rejected)$|^frozen|^shortfall/.test(key)) return 'bad';
  if (/_(requested|opened)$/.test(key)) return 'attention';
  return /_(approved|started)$/.test(key) ? 'progress' : 'neutral';
}
