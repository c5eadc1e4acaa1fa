import { useLanguage } from '../language/use-language.ts';
import { formatMoney, type Money, spokenMoney } from './format-money.ts';
import './money.css';

export interface MoneyTextProps {
  readonly money: Money;
  /** `display` for the one amount that a page is about. */
  readonly size?: 'inherit' | 'display';
  readonly tone?: 'plain' | 'muted' | 'good' | 'bad';
  readonly strong?: boolean;
}

/**
 * An amount for eyes and ears: digits of one width, never broken over lines, spoken with its name.
 */
export function MoneyText({ money, size = 'inherit', tone = 'plain', strong }: MoneyTextProps) {
  const language = useLanguage();
  const shown = formatMoney(money);
  const classes = ['kt-money', `kt-money-${size}`, `kt-tone-${tone}`];
  if (strong) classes.push('kt-money-strong');
  return (
    <span className={classes.join(' ')}>
      <span aria-hidden="true">{size === 'display' ? <Display text={shown} /> : shown}</span>
      <span className="kt-hidden">{spokenMoney(money, language)}</span>
    </span>
  );
}

/** The fraction in smaller digits, so that the whole is read first. */
function Display({ text }: { readonly text: string }) {
  const point = text.lastIndexOf('.');
  if (point < 0) return text;
  return (
    <>
      {text.slice(0, point)}
      <span className="kt-money-fraction">{text.slice(point)}</span>
    </>
  );
}
