import type { Finding } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';

interface FindingsProps {
  readonly findings: readonly Finding[];
  /** How many there are; the server sends the first thousand. */
  readonly count: number;
}

/** What a bank got wrong in a file, each with its place in it. */
export function Findings({ findings, count }: FindingsProps) {
  const text = useText();
  if (count === 0) return <p className="kc-fine">{text('statements.noFindings')}</p>;
  return (
    <>
      <ol className="kc-findings">
        {findings.map((finding, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: findings may repeat and never change
          <li key={index}>
            {finding.sentence}
            <div className="kc-muted kc-small">
              {[
                finding.code,
                finding.path,
                finding.line === undefined
                  ? undefined
                  : text('statements.line', { line: finding.line }),
              ]
                .filter(Boolean)
                .join(' · ')}
            </div>
          </li>
        ))}
      </ol>
      {count > findings.length ? (
        <p className="kc-muted kc-small">
          {text('statements.moreFindings', { count: count - findings.length })}
        </p>
      ) : null}
    </>
  );
}
