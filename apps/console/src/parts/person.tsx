import { OperatorPageShape } from '../api/access.ts';
import { useText } from '../language/use-text.ts';
import { useHasRole, useMe } from '../session/session-context.ts';
import { isSameId } from '../session/wire-id.ts';
import { useOne } from './use-one.ts';

/**
 * Who did something. Oneself by "you"; others by name for admins, who may know them, else by the
 * id's end.
 */
export function Person({ id }: { readonly id: string }) {
  const text = useText();
  const me = useMe();
  const admin = useHasRole('admin');
  const mine = isSameId(id, me.id);
  const operators = useOne('/v1/operators', OperatorPageShape, {
    query: { limit: 100 },
    enabled: admin && !mine,
  });
  const known = operators.data?.items.find((operator) => isSameId(operator.id, id));
  if (mine) return <span title={id}>{text('decision.you')}</span>;
  if (known !== undefined) return <span title={id}>{known.name}</span>;
  return (
    <code className="kc-id" title={id}>
      {id.length > 20 ? `…${id.slice(-8)}` : id}
    </code>
  );
}
