import type { Problems } from '../problems.ts';
import type { Balance, StatementPage } from '../statement.ts';
import { child, pathOf, textAt, type XmlElement } from '../xml/element.ts';
import { dateOf, readAmount, readDirection, signed } from './values.ts';

/** Reads one Bal. A balance without type, amount, direction or date refuses the file. */
export function readBalance(element: XmlElement, problems: Problems): Balance | undefined {
  const path = pathOf(element);
  const missing = (name: string, what: string) =>
    problems.refuse('element_missing', { path: `${path}/${name}` }, { what });
  const holder = child(element, 'Tp');
  const choice = child(holder, 'CdOrPrtry') ?? holder;
  const type = textAt(choice, 'Cd') ?? textAt(choice, 'Prtry');
  if (type === undefined) missing('Tp', 'the type of the balance');
  const amountElement = child(element, 'Amt');
  if (amountElement === undefined) missing('Amt', 'the amount of the balance');
  const dateElement = child(element, 'Dt');
  if (dateElement === undefined) missing('Dt', 'the date of the balance');
  const direction = readDirection(element, problems);
  const read = amountElement ? readAmount(amountElement, problems) : undefined;
  const date = dateElement ? dateOf(dateElement, problems) : undefined;
  if (type === undefined || read === undefined || date === undefined) return undefined;
  const subType = textAt(holder, 'SubTp', 'Cd') ?? textAt(holder, 'SubTp', 'Prtry');
  return {
    type,
    subType,
    amount: signed(read.amount, direction),
    currency: read.currency,
    date,
    path,
    line: undefined,
  };
}

function earliest(balances: readonly Balance[]): Balance | undefined {
  return balances.reduce<Balance | undefined>(
    (best, next) =>
      best === undefined || Temporal.PlainDate.compare(next.date, best.date) < 0 ? next : best,
    undefined,
  );
}

function latest(balances: readonly Balance[]): Balance | undefined {
  return balances.reduce<Balance | undefined>(
    (best, next) =>
      best === undefined || Temporal.PlainDate.compare(next.date, best.date) >= 0 ? next : best,
    undefined,
  );
}

/**
 * Picks the booked balances between which the entries lie. Opening: OPBD, or else PRCD (the closing
 * balance of the day before), or else the interim balance with which a later page begins. Closing:
 * CLBD, or else ITBD where the report is an interim one or the page is not the last. A statement
 * over several days has one of each per day: the first opening and the last closing count.
 */
export function pickBalances(
  balances: readonly Balance[],
  kind: string,
  page: StatementPage | undefined,
): { readonly opening: Balance | undefined; readonly closing: Balance | undefined } {
  const of = (type: string) => balances.filter((balance) => balance.type === type);
  const interim = of('ITBD');
  const laterPage = page !== undefined && page.number > 1;
  const morePages = page !== undefined && page.last === false;
  const opening =
    earliest(of('OPBD')) ?? earliest(of('PRCD')) ?? (laterPage ? interim[0] : undefined);
  const interimCloses = kind !== 'camt.053' || morePages;
  const candidate = interimCloses ? latest(interim) : undefined;
  const closing = latest(of('CLBD')) ?? (candidate === opening ? undefined : candidate);
  return { opening, closing };
}
