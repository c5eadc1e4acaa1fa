import { Link } from '@tanstack/react-router';
import type { Actor } from '../api/shapes.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { useMe } from '../session/session-context.ts';

/** Who did something: oneself by "you", others by their names, rules by what they are for. */
export function Person({ of: actor }: { readonly of: Actor }) {
  const text = useText();
  const term = useTerm();
  const me = useMe();
  const { kind, id, name } = actor;
  if (id === me.id) return <span title={name}>{text('decision.you')}</span>;
  if (kind === 'agreement') {
    return (
      <Link to="/agreements/$id" params={{ id }}>
        {text('decision.byAgreement')}
      </Link>
    );
  }
  if (kind === 'platform')
    return <span title={id}>{term('rules', id.replace(/^system:/, ''))}</span>;
  if (kind === 'unknown') return <code className="kc-id">{`…${id.slice(-8)}`}</code>;
  return (
    <span title={id}>
      {name}
      {kind === 'integrator' ? (
        <span className="kc-muted kc-small"> {text('decision.integrator')}</span>
      ) : null}
    </span>
  );
}
