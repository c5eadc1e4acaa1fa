import type { ReactNode } from 'react';
import './record-table.css';

export interface Column<T> {
  readonly key: string;
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  /** Amounts and counts stand to the right, so that their digits line up. */
  readonly end?: boolean;
  /** On a narrow screen, where each row is a card, this one is its heading. */
  readonly head?: boolean;
  /** As little room as the content needs. */
  readonly tight?: boolean;
}

export interface RecordTableProps<T> {
  /** What is listed, for those who do not see the table. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** A row that needs attention. */
  readonly marked?: (row: T) => boolean;
}

/**
 * A dense table that becomes a list of cards on a narrow screen. The roles are said aloud because
 * browsers forget that a table is one when its style changes.
 */
export function RecordTable<T>(props: RecordTableProps<T>) {
  const { label, columns, rows, rowKey, marked } = props;
  return (
    // biome-ignore-start lint/a11y/noRedundantRoles: see above
    // biome-ignore-start lint/a11y/useSemanticElements: see above
    <div className="kc-table-frame">
      <table className="kc-table" role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <th key={column.key} role="columnheader" scope="col" className={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={rowKey(row)} role="row" className={marked?.(row) ? 'kc-row-marked' : ''}>
              {columns.map((column) => (
                <td
                  key={column.key}
                  role="cell"
                  data-title={column.title}
                  className={classOf(column)}
                >
                  <Cell content={column.cell(row)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    // biome-ignore-end lint/a11y/noRedundantRoles: see above
    // biome-ignore-end lint/a11y/useSemanticElements: see above
  );
}

/** One box per cell, whatever is in it; nothing at all where there is nothing. */
function Cell({ content }: { readonly content: ReactNode }) {
  if (content === null || content === undefined || content === '') return null;
  return <div>{content}</div>;
}

function classOf<T>({ end, head, tight }: Column<T>): string {
  return [end ? 'kc-end' : '', head ? 'kc-head' : '', tight ? 'kc-tight' : ''].join(' ').trim();
}
