import { emptyFields, walkTuple } from '../decode/fields.ts';
import { MESSAGE } from '../decode/pgoutput.ts';
import type { WatchedChange } from '../stream-watch.ts';
import type { TableShape } from '../table-shape.ts';

export const OLD_KEY = 0x4b;
export const OLD_ROW = 0x4f;

const OLD = emptyFields();

/** The change at `at`, as a watch sees it. */
export function watchedChange(
  shape: TableShape,
  txId: number | null,
  buffer: Buffer,
  at: number,
  end: number,
): WatchedChange {
  switch (buffer[at]) {
    case MESSAGE.insert:
      return { shape, txId, kind: 'insert', rows: { buffer, end, oldAt: -1, newAt: at + 6 } };
    case MESSAGE.delete:
      return { shape, txId, kind: 'delete', rows: { buffer, end, oldAt: at + 6, newAt: -1 } };
    default: {
      const hasOld = buffer[at + 5] === OLD_KEY || buffer[at + 5] === OLD_ROW;
      const oldAt = hasOld ? at + 6 : -1;
      const newAt = (hasOld ? walkTuple(buffer, oldAt, end, OLD) : at + 5) + 1;
      return { shape, txId, kind: 'update', rows: { buffer, end, oldAt, newAt } };
    }
  }
}
