import { TimeText } from '@keyturn/ui';
import { useTerm } from '../language/use-text.ts';

/** What proves that money did not move: its kind, and the facts that the server keeps with it. */
export function ProofFact({ proof }: { readonly proof: Readonly<Record<string, unknown>> }) {
  const term = useTerm();
  const { kind, at, ...rest } = proof;
  const entries = Object.entries(rest);
  return (
    <>
      {typeof kind === 'string' ? term('proofs', kind) : null}{' '}
      {typeof at === 'string' ? <TimeText at={at} shape="second" /> : null}
      {entries.length === 0 ? null : (
        <dl className="kc-plain">
          {entries.map(([name, value]) => (
            <div key={name}>
              <dt>{name.replaceAll('_', ' ')}</dt>
              <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
