import { encodeId, ok } from '@keyturn/kernel';
import { createRowSet } from '@keyturn/pipeline';
import { refuse } from './errors.ts';
import { lockReceipts, receiptTable } from './store.ts';
import type { ReceiptsUnit } from './types.ts';

export function createReceiptsUnit(): ReceiptsUnit {
  const rows = createRowSet(receiptTable);
  return {
    lock: async (tx, receiptIds) => rows.adopt(await lockReceipts(tx, receiptIds)),
    get: rows.get,
    assign: (receiptId, to, now) => {
      const receipt = rows.get(receiptId);
      const shown = encodeId('rcp', receiptId);
      if (receipt === undefined) return refuse('receipt_unknown', { values: { receipt: shown } });
      if (receipt.state !== 'booked') {
        const values = { receipt: shown, state: receipt.state };
        return refuse('receipt_not_assignable', { values });
      }
      return ok(
        rows.update(receiptId, {
          state: 'assigned',
          assignedModule: to.module,
          assignedObject: to.object,
          assignedAt: now,
        }),
      );
    },
    mark: rows.mark,
    undo: rows.undo,
    flush: rows.flush,
  };
}
