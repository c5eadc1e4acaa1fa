import { ok, type Refusal, type Result } from '@keyturn/kernel';
import type { Command, CommandContext, CommandRunner } from '../../../platform/index.ts';
import { refuse } from '../errors.ts';
import type { MoneyGround, MoneyUnits } from '../money.ts';
import { accountOf, type Deal, isEscrowed } from '../tables.ts';
import { nextPosition } from '../unit.ts';
import { type Actor, defineDealCommand } from './define.ts';

export interface AgreeDeal {
  readonly dealId: string;
  /** The roles whose parties agree; all of them when empty. */
  readonly roles: readonly string[];
  readonly reference: string;
  readonly by: Actor;
}

/** Notes that parties agree to the deal; with the last of them it can be paid for. */
export function defineAgreeDeal(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<AgreeDeal, { dealId: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.agree_deal',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    mayMoveMoney: () => false,
    decide: ({ escrow }, input: AgreeDeal, context) => {
      const deal = escrow.deal(input.dealId);
      if (!deal.ok) return deal;
      if (deal.value.state !== 'draft') {
        const values = { state: deal.value.state, action: 'agree' };
        return refuse('deal_state_refused', { values });
      }
      const all = escrow.terms(input.dealId).roles.map(({ key }) => key);
      const strange = input.roles.find((role) => !all.includes(role));
      if (strange !== undefined) return unknownKey('role', strange, all, 'roles');
      const now = input.roles.length === 0 ? all : input.roles;
      const agreedRoles = [...new Set([...deal.value.agreedRoles, ...now])];
      escrow.deals.update(input.dealId, { agreedRoles });
      for (const role of now.filter((role) => !deal.value.agreedRoles.includes(role))) {
        const parameters = { reference: input.reference };
        escrow.line(input.dealId, { kind: 'role_agreed', role, parameters }, context.now);
      }
      if (agreedRoles.length < all.length) return ok({ dealId: input.dealId });
      const stepped = escrow.step(deal.value, 'agree', 'agree');
      if (!stepped.ok) return stepped;
      escrow.tell(input.dealId, 'escrow.deal_agreed', {}, context);
      escrow.line(input.dealId, { kind: 'deal_agreed' }, context.now);
      return ok({ dealId: input.dealId });
    },
  });
}

export function unknownKey(
  kind: string,
  key: string,
  known: readonly string[],
  param: string,
): Result<never, Refusal> {
  return refuse('deal_key_unknown', { param, values: { kind, key, known: known.join(', ') } });
}

export interface AddEvidence {
  readonly dealId: string;
  readonly kind: string;
  /** Who brings it: a role of the deal. */
  readonly role: string;
  readonly reference: string;
  readonly documentSha256?: string;
  readonly by: Actor;
}

/** Keeps evidence that a condition asks for. It stays for ever; what it fulfils stays fulfilled. */
export function defineAddEvidence(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<AddEvidence, { dealId: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.add_evidence',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    mayMoveMoney: () => false,
    decide: ({ escrow }, input: AddEvidence, context) => {
      const deal = escrow.deal(input.dealId);
      if (!deal.ok) return deal;
      const { conditions } = escrow.terms(input.dealId);
      const asking = conditions.filter(({ evidence }) => evidence === input.kind);
      if (asking.length === 0) {
        const known = [...new Set(conditions.map(({ evidence }) => evidence))].join(', ');
        const values = { kind: input.kind, known };
        return refuse('evidence_not_asked', { param: 'kind', values });
      }
      if (!asking.some(({ by }) => by === input.role)) {
        const from = asking.map(({ by }) => by).join(', ');
        const values = { kind: input.kind, roles: from, role: input.role };
        return refuse('evidence_role_refused', { param: 'role', values });
      }
      if (deal.value.state === 'draft' || deal.value.finalAt !== null) {
        const values = { state: deal.value.state, action: 'evidence' };
        return refuse('deal_state_refused', { values });
      }
      const evidence = escrow.evidence.insert({
        id: context.newId(input.dealId),
        dealId: input.dealId,
        position: nextPosition(escrow.evidence, input.dealId),
        kind: input.kind,
        reference: input.reference,
        documentSha256: input.documentSha256 ?? null,
        role: input.role,
        by: input.by.id,
        at: context.now,
      });
      const payload = { evidence_id: evidence.id, kind: input.kind };
      escrow.tell(input.dealId, 'escrow.evidence_added', payload, context);
      for (const condition of asking.filter(({ by }) => by === input.role)) {
        const parameters = { condition: condition.key, reference: input.reference };
        const line = { kind: 'evidence_added', role: input.role, parameters };
        escrow.line(input.dealId, line, context.now);
      }
      return ok({ dealId: input.dealId });
    },
  });
}

export interface FreezeDeal {
  readonly dealId: string;
  /** Item keys; all of them when empty. */
  readonly items: readonly string[];
  readonly reason: string;
  readonly until?: string;
  readonly by: Actor;
}

/**
 * Stops money from leaving items, here and in the ledger, until somebody lifts it or its end comes.
 */
export function defineFreezeDeal(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<FreezeDeal, { dealId: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.freeze_deal',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    decide: (units, input: FreezeDeal, context) => {
      const { escrow } = units;
      const deal = escrow.deal(input.dealId);
      if (!deal.ok) return deal;
      const keys = escrow.itemsOf(input.dealId).map(({ key }) => key);
      const strange = input.items.find((key) => !keys.includes(key));
      if (strange !== undefined) return unknownKey('item', strange, keys, 'items');
      const until = input.until === undefined ? null : Temporal.Instant.from(input.until);
      escrow.deals.update(input.dealId, {
        freeze: {
          items: input.items,
          reason: input.reason,
          by: input.by.id,
          at: context.now.toString(),
          until: until?.toString() ?? null,
        },
        dueAt: until,
      });
      flagAccounts(units, deal.value, input.items.length === 0 ? keys : input.items);
      escrow.tell(input.dealId, 'escrow.deal_frozen', { items: input.items }, context);
      const parameters = { reason: input.reason };
      for (const itemKey of input.items.length === 0 ? [undefined] : input.items) {
        const line = { kind: 'frozen', parameters, ...(itemKey === undefined ? {} : { itemKey }) };
        escrow.line(input.dealId, line, context.now);
      }
      return ok({ dealId: input.dealId });
    },
  });
}

/** The ledger itself refuses what leaves a frozen item, whoever asks. */
function flagAccounts({ escrow, ledger }: MoneyUnits, deal: Deal, frozen: readonly string[]): void {
  for (const item of escrow.itemsOf(deal.id).filter(isEscrowed)) {
    ledger.freeze(accountOf(item), { in: false, out: frozen.includes(item.key) });
  }
}

export interface UnfreezeDeal {
  readonly dealId: string;
  /** Only if the freeze's own end has come. */
  readonly whenDue: boolean;
}

export function defineUnfreezeDeal(
  commands: CommandRunner,
  ground: MoneyGround,
): Command<UnfreezeDeal, { dealId: string }> {
  return defineDealCommand(commands, ground, {
    name: 'escrow.unfreeze_deal',
    keys: ({ dealId }) => ({ deals: [dealId] }),
    decide: (units, input: UnfreezeDeal, context) => unfreeze(units, input, context),
  });
}

function unfreeze(
  units: MoneyUnits,
  input: UnfreezeDeal,
  context: CommandContext,
): Result<{ dealId: string }, Refusal> {
  const { escrow } = units;
  const deal = escrow.deal(input.dealId);
  if (!deal.ok) return deal;
  const { freeze } = deal.value;
  if (freeze === null) return refuse('deal_not_frozen');
  if (input.whenDue) {
    const until = freeze.until === null ? undefined : Temporal.Instant.from(freeze.until);
    if (!until || Temporal.Instant.compare(until, context.now) > 0) {
      // It was prolonged meanwhile.
      escrow.deals.update(input.dealId, { dueAt: until ?? null });
      return ok({ dealId: input.dealId });
    }
  }
  escrow.deals.update(input.dealId, { freeze: null, dueAt: null });
  flagAccounts(units, deal.value, []);
  escrow.tell(input.dealId, 'escrow.deal_unfrozen', {}, context);
  escrow.line(input.dealId, { kind: 'unfrozen' }, context.now);
  return ok({ dealId: input.dealId });
}
