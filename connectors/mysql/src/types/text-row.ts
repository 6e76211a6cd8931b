import { NULL_VALUE, type RowFields } from './row.ts';

const NULL_MARK = 0xfb;

/** Finds the values of a row of the text protocol: the payload of its packet. @throws RangeError when it is not whole */
export function readTextRow(
  buffer: Buffer,
  start: number,
  end: number,
  into: RowFields,
): RowFields {
  let at = start;
  let slot = 0;
  while (at < end) {
    if (slot + 2 > into.at.length) {
      const wider = new Int32Array(Math.max(64, into.at.length * 2));
      wider.set(into.at);
      into.at = wider;
    }
    const first = buffer[at++] ?? 0;
    if (first === NULL_MARK) {
      into.at[slot] = NULL_VALUE;
      slot += 2;
      continue;
    }
    let length = first;
    if (first > NULL_MARK) {
      const width = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0;
      if (width === 0 || at + width > end) throw new RangeError('a row is not whole');
      length = width === 8 ? Number(buffer.readBigUInt64LE(at)) : buffer.readUIntLE(at, width);
      at += width;
    }
    into.at[slot] = at;
    at += length;
    into.at[slot + 1] = at;
    slot += 2;
  }
  if (at !== end) throw new RangeError('a row is not whole');
  into.buffer = buffer;
  into.count = slot / 2;
  return into;
}
