import type { AgreementTerms, PaymentMethod } from './decide/agreement.ts';
import type { TermsWire } from './schemas.ts';

/** Agreement terms between the wire and the house. The schema has checked names and ranges. */

export function termsFromWire(wire: TermsWire): AgreementTerms {
  return {
    roles: wire.roles.map(({ key, name, kind }) => ({
      key,
      name,
      kind: kind === 'merchant' ? 'merchant' : 'person',
    })),
    items: wire.items.map(({ split, required, regime, destination, methods, ...item }) => ({
      ...item,
      regime: regime === 'reserve' ? 'reserve' : 'escrow',
      destination: destination === 'merchant' ? 'merchant' : 'escrowed',
      required: required ?? true,
      methods: methods.filter(isMethod),
      ...(split ? { split: splitFromWire(split) } : {}),
    })),
    conditions: wire.conditions,
    releases: wire.releases.map(({ items, approval, before_funded, ...release }) => ({
      ...release,
      items: items.map(({ item, share_bps }) => ({ item, shareBps: share_bps ?? 10_000 })),
      approval: approvalOf(approval),
      beforeFunded: before_funded ?? false,
    })),
    conversions: (wire.conversions ?? []).map(({ from, to, mode }) => ({
      from,
      to,
      mode: mode === 'on_top' ? 'on_top' : 'towards',
    })),
    failures: wire.failures.map(({ items, fee_returned, approval, ...failure }) => ({
      ...failure,
      items: items.map(({ item, action }) => ({
        item,
        action: action === 'forfeit' ? 'forfeit' : 'refund',
      })),
      feeReturned: fee_returned ?? true,
      approval: approvalOf(approval),
    })),
  };
}

/** Money waits for a second person unless the agreement says otherwise. */
function approvalOf(text: string | undefined): 'required' | 'not_required' {
  return text === 'not_required' ? 'not_required' : 'required';
}

function isMethod(text: string): text is PaymentMethod {
  return text === 'wechat_native' || text === 'wechat_h5' || text === 'bank_transfer';
}

function splitFromWire(split: NonNullable<TermsWire['items'][number]['split']>) {
  const { fee, receivers } = split;
  const rule = fee ? { product: fee.product, bps: fee.bps, vatBps: fee.vat_bps } : undefined;
  return { receivers, ...(rule ? { fee: rule } : {}) };
}

export function termsToWire(terms: AgreementTerms): TermsWire {
  return {
    roles: terms.roles.map((role) => ({ ...role })),
    items: terms.items.map(({ split, methods, ...item }) => ({
      ...item,
      methods: [...methods],
      ...(split
        ? {
            split: {
              ...(split.fee
                ? {
                    fee: {
                      product: split.fee.product,
                      bps: split.fee.bps,
                      vat_bps: split.fee.vatBps,
                    },
                  }
                : {}),
              receivers: split.receivers.map((receiver) => ({ ...receiver })),
            },
          }
        : {}),
    })),
    conditions: terms.conditions.map((condition) => ({ ...condition })),
    releases: terms.releases.map(({ items, beforeFunded, when, ...release }) => ({
      ...release,
      items: items.map(({ item, shareBps }) => ({ item, share_bps: shareBps })),
      when: [...when],
      before_funded: beforeFunded,
    })),
    conversions: terms.conversions.map((conversion) => ({ ...conversion })),
    failures: terms.failures.map(({ items, feeReturned, ...failure }) => ({
      ...failure,
      items: items.map((part) => ({ ...part })),
      fee_returned: feeReturned,
    })),
  };
}
