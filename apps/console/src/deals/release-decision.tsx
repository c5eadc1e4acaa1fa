import { MoneyText, pickText, useLanguage } from '@keyturn/ui';
import type { Release } from '../api/deals.ts';
import { useText } from '../language/use-text.ts';
import { Decision } from '../parts/decision.tsx';
import { Facts } from '../parts/facts.tsx';

/** Lets a release go, or not; by another than who asked for it. */
export function ReleaseDecision({ release }: { readonly release: Release }) {
  const text = useText();
  const language = useLanguage();
  const path = `/v1/releases/${release.id}`;
  const parts = release.parts.map((part) => ({
    name: pickText(part.item.name, language),
    value: <MoneyText money={part.amount} />,
  }));
  return (
    <Decision
      maker={release.maker}
      subject={`${text('releases.one')}: ${pickText(release.name, language)}`}
      summary={
        <Facts
          facts={[
            { name: text('money.amount'), value: <MoneyText money={release.amount} strong /> },
            { name: text('releases.to'), value: pickText(release.to.name, language) },
            ...parts,
          ]}
        />
      }
      approveText={text('releases.approve')}
      approvePath={`${path}/approve`}
      reject={{ path: `${path}/reject`, reason: 'wanted' }}
    />
  );
}
