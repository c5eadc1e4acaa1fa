import {
  type Flow,
  type FlowEdge,
  type FlowEdgeState,
  type FlowNode,
  FlowPicture,
  flowEdgeStates,
  type Language,
  pickText,
  useLanguage,
} from '@keyturn/ui';
import type { DealFlow } from '../api/deals.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { Panel } from '../parts/page.tsx';

/** What is where, as a picture. */
export function DealFlowPanel({ flow }: { readonly flow: DealFlow }) {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  return (
    <Panel title={text('deals.picture')} lead={text('deals.pictureLead')} flush>
      <div className="kc-picture">
        <FlowPicture flow={pictureOf(flow, language, term)} />
      </div>
    </Panel>
  );
}

const kinds: Readonly<Record<string, FlowNode['kind']>> = {
  payer: 'party',
  fund: 'held',
  merchant_item: 'held',
  payee: 'party',
  merchant: 'party',
  fee: 'platform',
};

function stateOf(state: string): FlowEdgeState {
  return flowEdgeStates.find((known) => known === state) ?? 'planned';
}

function pictureOf(flow: DealFlow, language: Language, term: ReturnType<typeof useTerm>): Flow {
  return {
    nodes: flow.nodes.map(({ id, kind, label, amount }): FlowNode => {
      const name = label.name === undefined ? term('places', kind) : pickText(label.name, language);
      const detail = label.text ?? (label.name === undefined ? undefined : term('places', kind));
      return {
        id,
        kind: kinds[kind] ?? 'transit',
        label: name,
        money: amount,
        ...(detail === undefined ? {} : { detail }),
      };
    }),
    edges: flow.edges.map(
      ({ from, to, state, amount }): FlowEdge => ({
        from,
        to,
        money: amount,
        state: stateOf(state),
      }),
    ),
  };
}
