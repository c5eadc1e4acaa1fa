import { MoneyText } from '@keyturn/ui';

export interface SignedMoneyProps {
  readonly amount: bigint | null;
  readonly currency: string | null | undefined;
  readonly strong?: boolean;
  /** Anything but nothing is wrong: for differences. */
  readonly nilIsGood?: boolean;
}

/** An amount that may be missing or negative. Missing is a dash: it is not nothing. */
export function SignedMoney({ amount, currency, strong, nilIsGood }: SignedMoneyProps) {
  if (amount === null || currency === null || currency === undefined) {
    return <span className="kc-muted">—</span>;
  }
  const tone = nilIsGood ? (amount === 0n ? 'good' : 'bad') : 'plain';
  return <MoneyText money={{ amount, currency }} tone={tone} strong={strong ?? false} />;
}
