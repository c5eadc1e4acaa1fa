import { formatDecimal, isCurrency } from '@keyturn/kernel';
import { toJson } from '@keyturn/pipeline';

/** Prints a result: one line of JSON for machines, or what `text` makes of it for people. */
export function print<T>(value: T, json: boolean, text: (value: T) => string): void {
  process.stdout.write(`${json ? toJson(value) : text(value)}\n`);
}

/** Rows as a table with columns as wide as they need; numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => {
          const space = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
          return /^-?[\d,]+(\.\d+)?$/.test(cell) ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Columns that a text takes on a terminal: Chinese characters take two. */
function widthOf(text: string): number {
  return [...text].reduce((sum, one) => sum + (/[\u1100-\uffef]/.test(one) ? 2 : 1), 0);
}

/** An amount with thousands separated: 2,999,999.00. */
export function yuan(amount: bigint, currency = 'CNY'): string {
  const known = isCurrency(currency) ? currency : 'CNY';
  const [whole = '', fraction] = formatDecimal(amount, known).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
