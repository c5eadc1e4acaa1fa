/**
 * Holds an acquirer's bills against our payments and refunds, by number alone: channel, number
 * and kind. Never by amount or time.
 */

export type TradeKind = 'pay' | 'refund';

/** A payment or refund as we have it. Amounts in positive minor units. */
export interface OurTrade {
  readonly channel: string;
  /** What we told the channel: out_trade_no, or out_refund_no for a refund. */
  readonly number: string;
  readonly kind: TradeKind;
  readonly amount: bigint;
  /** What the channel keeps (of a refund: gives back). */
  readonly fee: bigint;
  readonly succeeded: boolean;
  /** The bank day on which we have it as succeeded; of others, when it was made. */
  readonly day: Temporal.PlainDate;
}

/** One line of a bill. Amounts in positive minor units. */
export interface BillLine {
  readonly number: string;
  readonly kind: TradeKind;
  /** The number of the payment that a refund gives back. */
  readonly originalNumber?: string;
  /** The channel's own number; of a refund, the refund's. */
  readonly channelNumber: string;
  /** What was ordered, to be compared with ours. */
  readonly amount: bigint;
  /** What the channel settles: less than `amount` by discounts that the merchant bears. */
  readonly settled: bigint;
  /**
   * Rounded half up to the minor unit, positive for what the channel keeps (of a refund: gives
   * back).
   */
  readonly fee: bigint;
  readonly succeeded: boolean;
  /** As the bill says it, Beijing time. */
  readonly at: string;
}

export interface DayBill {
  readonly channel: string;
  /** The bill's day. */
  readonly day: Temporal.PlainDate;
  /** What tells one file from another; the same file twice counts once. */
  readonly id: string;
  readonly lines: readonly BillLine[];
}

/**
 * What became of one trade. `pending_next_day`: the channel's next bill decides. `pending_here`:
 * the channel has it on its day, we booked it on the next. `out_of_scope`: of a day whose bill
 * was not asked for yet.
 */
export type TradeClass =
  | 'matched'
  | 'matched_cross_day'
  | 'matched_duplicate_line'
  | 'pending_next_day'
  | 'pending_here'
  | 'out_of_scope'
  | 'channel_only'
  | 'platform_only'
  | 'duplicate_payment'
  | 'status_mismatch'
  | 'amount_mismatch'
  | 'fee_mismatch';

/** Classes that need a person. */
export const exceptionalClasses: ReadonlySet<TradeClass> = new Set([
  'matched_duplicate_line',
  'channel_only',
  'platform_only',
  'duplicate_payment',
  'status_mismatch',
  'amount_mismatch',
  'fee_mismatch',
]);

export interface TradeMatch {
  readonly channel: string;
  readonly number: string;
  readonly kind: TradeKind;
  /** The first that applies, in the order existence, duplicate, status, amount, fee. */
  readonly class: TradeClass;
  /** All that apply, the first included. */
  readonly also: readonly TradeClass[];
  readonly ours?: OurTrade;
  /** Every line about it, of all days. */
  readonly lines: readonly (BillLine & { readonly day: Temporal.PlainDate })[];
}

type DatedLine = BillLine & { readonly day: Temporal.PlainDate };

function keyOf(trade: { channel: string; number: string; kind: TradeKind }): string {
  return JSON.stringify([trade.channel, trade.kind, trade.number]);
}

function same(a: BillLine, b: BillLine): boolean {
  return (
    a.channelNumber === b.channelNumber &&
    a.amount === b.amount &&
    a.settled === b.settled &&
    a.fee === b.fee &&
    a.succeeded === b.succeeded &&
    a.at === b.at
  );
}

/** Lines by trade; a file that is here twice counts once. */
function linesByKey(bills: readonly DayBill[], until: Temporal.PlainDate) {
  const seen = new Set<string>();
  const lines = new Map<string, { channel: string; lines: DatedLine[] }>();
  for (const bill of bills) {
    if (Temporal.PlainDate.compare(bill.day, until) > 0 || seen.has(bill.id)) continue;
    seen.add(bill.id);
    for (const line of bill.lines) {
      const key = keyOf({ channel: bill.channel, number: line.number, kind: line.kind });
      const known = lines.get(key) ?? { channel: bill.channel, lines: [] };
      known.lines.push({ ...line, day: bill.day });
      lines.set(key, known);
    }
  }
  return lines;
}

/**
 * The answer after the bills of the days up to `until` are here: every trade of ours and every
 * line of a bill is in exactly one match.
 *
 * @param input ours of all channels; what we have as not succeeded and no bill knows is left out:
 *   nothing happened
 */
export function matchTrades(input: {
  readonly ours: readonly OurTrade[];
  readonly bills: readonly DayBill[];
  /** The last bank day whose bills were asked for. */
  readonly until: Temporal.PlainDate;
}): readonly TradeMatch[] {
  const lines = linesByKey(input.bills, input.until);
  const matches: TradeMatch[] = [];
  const known = new Set<string>();
  for (const trade of input.ours) {
    const key = keyOf(trade);
    if (known.has(key)) continue;
    known.add(key);
    const about = lines.get(key)?.lines ?? [];
    const classes = classify(trade, about, input.until);
    const [first] = classes;
    if (first === undefined) continue;
    const { channel, number, kind } = trade;
    matches.push({ channel, number, kind, class: first, also: classes, ours: trade, lines: about });
  }
  for (const [key, { channel, lines: about }] of lines) {
    const [first] = about;
    if (known.has(key) || first === undefined) continue;
    const { number, kind } = first;
    // What did not happen at the channel either is nothing to look for here.
    if (!about.some((line) => line.succeeded)) continue;
    const also: TradeClass[] = ['channel_only', ...duplicates(about)];
    matches.push({ channel, number, kind, class: 'channel_only', also, lines: about });
  }
  return matches;
}

function duplicates(lines: readonly DatedLine[]): readonly TradeClass[] {
  const [first, ...others] = lines;
  if (first === undefined || others.length === 0) return [];
  const numbers = new Set(lines.filter(isDone).map((line) => line.channelNumber));
  if (numbers.size > 1) return ['duplicate_payment'];
  const repeated = lines.some((line, index) => lines.slice(0, index).some((l) => same(l, line)));
  return repeated ? ['matched_duplicate_line'] : [];
}

function isDone(line: BillLine): boolean {
  return line.succeeded;
}

function classify(
  ours: OurTrade,
  lines: readonly DatedLine[],
  until: Temporal.PlainDate,
): readonly TradeClass[] {
  const done = lines.filter(isDone);
  const late = Temporal.PlainDate.compare(ours.day, until);
  if (lines.length === 0) {
    if (!ours.succeeded) return [];
    if (late > 0) return ['out_of_scope'];
    return [late === 0 ? 'pending_next_day' : 'platform_only'];
  }
  const found: TradeClass[] = [...duplicates(lines)];
  if (ours.succeeded !== done.length > 0) found.push('status_mismatch');
  if (lines.some((line) => line.amount !== ours.amount)) found.push('amount_mismatch');
  if (lines.some((line) => line.fee !== ours.fee)) found.push('fee_mismatch');
  if (found.length > 0) return found;
  // Neither side has it as done: they agree, and no money is in it.
  if (done.length === 0) return [];
  if (late > 0) return ['pending_here'];
  const sameDay = lines.every((line) => line.day.equals(ours.day));
  return [sameDay ? 'matched' : 'matched_cross_day'];
}
