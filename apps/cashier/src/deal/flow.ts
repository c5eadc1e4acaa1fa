import { type Flow, type FlowNodeKind, type Language, pickText } from '@keyturn/ui';
import type { TFunction } from 'i18next';
import type { DealFlow } from './deal-money.ts';

const kinds: Readonly<Record<DealFlow['nodes'][number]['kind'], FlowNodeKind>> = {
  payer: 'party',
  fund: 'held',
  merchant_item: 'channel',
  payee: 'party',
  merchant: 'party',
  fee: 'platform',
};

/** Kinds of ways that a line says in a word; the others follow from where they lead. */
const worded = new Set(['conversion', 'refund', 'forfeit']);

/**
 * The platform's picture of a deal with its names in the reader's language. A place that no money
 * lies in, goes to or comes from tells nothing and is left out.
 */
export function flowOf(flow: DealFlow, language: Language, t: TFunction): Flow {
  const joined = new Set(flow.edges.flatMap(({ from, to }) => [from, to]));
  const shown = flow.nodes.filter(({ id, amount }) => amount.amount > 0n || joined.has(id));
  return {
    nodes: shown.map(({ id, kind, label, amount }) => {
      const name = label.name === undefined ? (label.text ?? '') : pickText(label.name, language);
      return { id, kind: kinds[kind], label: t(`flow.${kind}`, { name }), money: amount };
    }),
    edges: flow.edges.map(({ from, to, kind, state, amount }) => ({
      from,
      to,
      state,
      money: amount,
      ...(worded.has(kind) ? { label: t(`flow.${kind}`) } : {}),
    })),
  };
}
