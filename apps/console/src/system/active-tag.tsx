import { useText } from '../language/use-text.ts';
import { Tag } from '../parts/tag.tsx';

/** Whether an operator or a key works. */
export function ActiveTag({ state }: { readonly state: 'active' | 'disabled' | 'revoked' }) {
  const text = useText();
  return <Tag tone={state === 'active' ? 'good' : 'neutral'}>{text(`admin.${state}`)}</Tag>;
}
