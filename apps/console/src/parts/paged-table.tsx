import { PagedRows, type PagedRowsProps } from './paged-rows.tsx';
import { RecordTable, type RecordTableProps } from './record-table.tsx';

export type PagedTableProps<T> = Omit<RecordTableProps<T>, 'rows'> &
  Omit<PagedRowsProps<T>, 'children'>;

/** A list as a table. */
export function PagedTable<T>({ pages, empty, ...table }: PagedTableProps<T>) {
  return (
    <PagedRows label={table.label} pages={pages} empty={empty}>
      {(rows) => <RecordTable {...table} rows={rows} />}
    </PagedRows>
  );
}
