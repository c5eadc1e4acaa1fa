import { encodeId } from '@keyturn/kernel';
import { decideConversion } from '../decide/conversion.ts';
import { entitledOf, takenBy } from '../decide/release.ts';
import { heldOf, type Item, isEscrowed, type Leg, missingOf } from '../tables.ts';
import { type DealFacts, termsOfItem, type Viewer } from './facts.ts';

/** A place in the picture of a deal's money. `amount`: what lies there, or has arrived there. */
export interface FlowNode {
  readonly id: string;
  readonly kind: 'payer' | 'fund' | 'merchant_item' | 'payee' | 'merchant' | 'fee';
  readonly role?: string;
  readonly item?: string;
  readonly amount: bigint;
}

/** A way that money goes, or will go. */
export interface FlowEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly kind: 'payment' | 'conversion' | 'release' | 'refund' | 'forfeit' | 'share' | 'fee';
  /** `planned`: agreed, not begun; `waiting`: for somebody; `moving`: at a bank or acquirer. */
  readonly state: 'planned' | 'waiting' | 'moving' | 'done' | 'failed' | 'returned' | 'reversed';
  readonly amount: bigint;
}

export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

type Edge = Omit<FlowEdge, 'id'>;

/** The picture of a deal's money: who paid what, where it lies, where it went and will go. */
export function flowOf(facts: DealFacts, seen: ReadonlySet<string>, viewer: Viewer): Flow {
  const items = facts.items.filter(({ key }) => seen.has(key));
  const ended = ['refunding', 'refunded', 'partly_refunded', 'canceled'].includes(facts.deal.state);
  const found = [
    ...items.flatMap((item) => paymentEdges(facts, item, ended)),
    ...conversionEdges(facts, items, ended),
    ...items.flatMap((item) => legEdges(facts, item)),
    ...(ended ? [] : plannedReleases(facts, items)),
    ...items.flatMap((item) => shareEdges(facts, item, viewer)),
  ].filter(({ amount }) => amount > 0n);
  const edges = found.map((edge) => ({
    id: `${edge.from}>${edge.to}:${edge.kind}:${edge.state}`,
    ...edge,
  }));
  return { nodes: nodesOf(facts, items, edges), edges: merge(edges) };
}

const payer = (role: string) => `payer:${role}`;
const fund = (key: string) => `item:${key}`;
const payee = (role: string) => `payee:${role}`;
const merchant = (id: string) => `merchant:${id}`;

/** Several movements of the same kind and state between the same places are one way. */
function merge(edges: readonly FlowEdge[]): FlowEdge[] {
  return [...Map.groupBy(edges, ({ id }) => id).values()].flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    return [{ ...first, amount: same.reduce((sum, { amount }) => sum + amount, 0n) }];
  });
}

function paymentEdges(facts: DealFacts, item: Item, ended: boolean): Edge[] {
  const { payer: role, required } = termsOfItem(facts, item);
  const way = { from: payer(role), to: fund(item.key), kind: 'payment' } as const;
  const unasked = missingOf(item) - item.openMinor;
  return [
    { ...way, state: 'done', amount: item.paidMinor },
    { ...way, state: 'waiting', amount: item.openMinor },
    { ...way, state: 'planned', amount: ended || !required ? 0n : unasked },
  ];
}

function conversionEdges(facts: DealFacts, items: readonly Item[], ended: boolean): Edge[] {
  const keyOf = (id: string) => items.find((item) => item.id === id)?.key;
  const edges: Edge[] = [];
  for (const conversion of facts.conversions) {
    const [from, to] = [keyOf(conversion.fromItem), keyOf(conversion.toItem)];
    if (from === undefined || to === undefined) continue;
    const way = { from: fund(from), to: fund(to), kind: 'conversion' } as const;
    const { amountMinor, reversedMinor } = conversion;
    edges.push({ ...way, state: 'done', amount: amountMinor - reversedMinor });
    edges.push({ ...way, state: 'reversed', amount: reversedMinor });
  }
  for (const rule of ended ? [] : facts.agreement.terms.conversions) {
    const from = items.find(({ key }) => key === rule.from);
    const to = items.find(({ key }) => key === rule.to);
    if (!from || !to) continue;
    const amount = decideConversion(rule, from, to, undefined, facts.deal.currency);
    const way = { from: fund(from.key), to: fund(to.key), kind: 'conversion' } as const;
    if (amount.ok) edges.push({ ...way, state: 'planned', amount: amount.value });
  }
  return edges;
}

const legStates: Readonly<Record<Leg['state'], FlowEdge['state'] | undefined>> = {
  waiting: 'waiting',
  moving: 'moving',
  paid: 'done',
  failed: 'failed',
  returned: 'returned',
  dropped: undefined,
};

function legEdges(facts: DealFacts, item: Item): Edge[] {
  return facts.legs
    .filter(({ itemId }) => itemId === item.id)
    .flatMap((leg) => {
      const state = legStates[leg.state];
      const to = leg.purpose === 'refund' ? payer(leg.role) : payee(leg.role);
      const way = { from: fund(item.key), to, kind: leg.purpose };
      return state ? [{ ...way, state, amount: leg.amountMinor }] : [];
    });
}

function plannedReleases(facts: DealFacts, items: readonly Item[]): Edge[] {
  const { terms } = facts.agreement;
  return terms.releases.flatMap((release) => {
    const ids = facts.releases.filter(({ key }) => key === release.key).map(({ id }) => id);
    return items
      .filter((item) => release.items.some((part) => part.item === item.key))
      .map((item): Edge => {
        const taken = takenBy(facts.legs, new Set(ids), item.id);
        const amount = entitledOf(terms, release, expected(item), taken);
        const way = { from: fund(item.key), to: payee(release.to), kind: 'release' } as const;
        return { ...way, state: 'planned', amount };
      });
  });
}

/** An item as it will be when everything that is owed for it is paid. */
function expected(item: Item): Item {
  return { ...item, paidMinor: item.paidMinor + missingOf(item) };
}

/** How a merchant's item is shared; a party sees its own share, who shares it sees all. */
function shareEdges(facts: DealFacts, item: Item, viewer: Viewer): Edge[] {
  if (isEscrowed(item)) return [];
  const orders = facts.fundings.filter(({ itemId }) => itemId === item.id);
  const ids = new Set([...orders.map(({ orderId }) => orderId), item.orderId ?? '']);
  const wire = new Set([...ids].filter((id) => id !== '').map((id) => encodeId('ord', id)));
  const own = facts.deal.parties.find(({ role }) => role === viewer);
  const owner = viewer === undefined || viewer === termsOfItem(facts, item).beneficiary;
  return facts.splits
    .filter((split) => wire.has(split.order_id))
    .flatMap((split): Edge[] => {
      const shares = split.receivers
        .filter(({ merchant_id }) => owner || merchant_id === (own && encodeId('mer', own.id)))
        .map((receiver): Edge => {
          const amount = BigInt(receiver.amount?.amount ?? 0);
          const returned = BigInt(receiver.returned?.amount ?? 0);
          const state = receiver.state === 'returned' ? 'returned' : 'done';
          const to = merchant(receiver.merchant_id);
          const whole = state === 'returned' ? amount : amount - returned;
          return { from: fund(item.key), to, kind: 'share', state, amount: whole };
        });
      if (!owner) return shares;
      const fee = BigInt(split.fee.amount) + BigInt(split.vat.amount);
      const kept = fee - BigInt(split.fee_returned.amount);
      const way = { from: fund(item.key), to: 'fee', kind: 'fee' } as const;
      return [...shares, { ...way, state: 'done', amount: kept }];
    });
}

function nodesOf(facts: DealFacts, items: readonly Item[], edges: readonly FlowEdge[]): FlowNode[] {
  const ids = new Set(edges.flatMap(({ from, to }) => [from, to]));
  for (const item of items) ids.add(fund(item.key));
  const arrived = (id: string) =>
    edges
      .filter(({ to, state }) => to === id && state === 'done')
      .reduce((sum, { amount }) => sum + amount, 0n);
  // What a merchant's item was shared into lies with the receivers that the viewer sees.
  const shared = (id: string) =>
    edges
      .filter(({ from, kind, state }) => from === id && kind !== 'payment' && state === 'done')
      .reduce((sum, { amount }) => sum + amount, 0n);
  return [...ids].map((id): FlowNode => {
    const name = id.slice(id.indexOf(':') + 1);
    const item = items.find(({ key }) => id === fund(key));
    if (item) {
      const escrowed = isEscrowed(item);
      const amount = escrowed ? heldOf(item) : item.sharedMinor - shared(id);
      return { id, kind: escrowed ? 'fund' : 'merchant_item', item: item.key, amount };
    }
    if (id.startsWith('payer:')) {
      const paid = items
        .filter((one) => termsOfItem(facts, one).payer === name)
        .reduce((sum, one) => sum + one.paidMinor - one.refundedMinor, 0n);
      return { id, kind: 'payer', role: name, amount: paid };
    }
    if (id.startsWith('payee:')) return { id, kind: 'payee', role: name, amount: arrived(id) };
    if (id === 'fee') return { id, kind: 'fee', amount: arrived(id) };
    const party = facts.deal.parties.find((one) => encodeId('mer', one.id) === name);
    const role = party ? { role: party.role } : {};
    return { id, kind: 'merchant', ...role, amount: arrived(id) };
  });
}
