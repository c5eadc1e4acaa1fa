import { pickText, useLanguage } from '@keyturn/ui';
import type { ItemTerms, Terms } from '../api/agreements.ts';
import { useTerm, useText } from '../language/use-text.ts';

/** Basis points as people write them: `12.5%`. */
export function percentOf(bps: number): string {
  return `${Number((bps / 100).toFixed(2))}%`;
}

/** Names and sentences of an agreement's terms in the reader's language. */
export function useTermsWords(terms: Terms) {
  const text = useText();
  const term = useTerm();
  const language = useLanguage();
  const nameIn =
    (list: readonly { readonly key: string; readonly name: { zh: string; en: string } }[]) =>
    (key: string) => {
      const found = list.find((one) => one.key === key);
      return found === undefined ? key : pickText(found.name, language);
    };
  const role = nameIn(terms.roles);
  const comma = text('deals.comma');
  const shares = ({ split }: ItemTerms): string => {
    const receivers = split?.receivers ?? [];
    const whole = receivers.reduce((sum, { weight }) => sum + weight, 0);
    return receivers
      .map(({ role: key, weight }) => {
        const share = percentOf(Math.round((weight * 10_000) / whole));
        return text('agreements.share', { role: role(key), share });
      })
      .join(comma);
  };
  return {
    role,
    item: nameIn(terms.items),
    condition: nameIn(terms.conditions),
    comma,
    methods: (item: ItemTerms) => item.methods.map((one) => term('methods', one)).join(comma),
    regime: (item: ItemTerms) => term('regimes', item.regime),
    rules: (item: ItemTerms) => {
      const { fee } = item.split ?? {};
      const rules = [
        text(item.refundable ? 'agreements.refundable' : 'agreements.notRefundable'),
        ...(item.required ? [] : [text('agreements.optional')]),
        ...(item.split === undefined ? [] : [text('agreements.split', { shares: shares(item) })]),
        ...(fee === undefined ? [] : [text('agreements.fee', { rate: percentOf(fee.bps) })]),
      ];
      return rules.join(comma);
    },
  };
}
