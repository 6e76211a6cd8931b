export interface RecordWalk {
  /** Undefined when all records are right. */
  problem: string | undefined;
  hasNullKey: boolean;
  minTimestampDelta: number;
  maxTimestampDelta: number;
}

/** The answer of the last walk: one object for all, since a walk a batch is on the hot path. */
const walk: RecordWalk = {
  problem: undefined,
  hasNullKey: false,
  minTimestampDelta: 0,
  maxTimestampDelta: 0,
};

/**
 * Walks over the beginnings of records: length, attributes, time stamp delta, offset delta, key length; values and
 * headers are passed over by the record's length. The answer is valid until the next call.
 */
export function walkRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  recordCount: number,
): RecordWalk {
  walk.problem = undefined;
  walk.hasNullKey = false;
  let minDelta = 0;
  let maxDelta = 0;
  let at = start;
  for (let index = 0; index < recordCount; index += 1) {
    // The length: nearly always one or two bytes.
    let byte = bytes[at] ?? 0;
    let raw = byte & 0x7f;
    let next = at + 1;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 28 || next >= end) return failed('a record without a right length');
      byte = bytes[next] ?? 0;
      raw |= (byte & 0x7f) << shift;
      next += 1;
    }
    const length = (raw >>> 1) ^ -(raw & 1);
    const recordEnd = next + length;
    if (length < 6 || recordEnd > end) return failed('a record that is longer than its batch');
    next += 1; // attributes: unused

    // The time stamp delta, up to ten bytes.
    byte = bytes[next] ?? 0;
    next += 1;
    let delta = 0;
    if (byte < 0x80) {
      delta = (byte >>> 1) ^ -(byte & 1);
    } else {
      let value = byte & 0x7f;
      let factor = 128;
      let count = 1;
      while (byte >= 0x80) {
        if (count === 10 || next >= recordEnd) return failed('a record without a right time stamp');
        byte = bytes[next] ?? 0;
        value += (byte & 0x7f) * factor;
        factor *= 128;
        next += 1;
        count += 1;
      }
      delta = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    if (delta < minDelta) minDelta = delta;
    else if (delta > maxDelta) maxDelta = delta;

    // The offset delta is the record's index.
    byte = bytes[next] ?? 0;
    next += 1;
    raw = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 28 || next >= recordEnd) return failed('a record without a right offset');
      byte = bytes[next] ?? 0;
      raw |= (byte & 0x7f) << shift;
      next += 1;
    }
    if (((raw >>> 1) ^ -(raw & 1)) !== index) return failed('records whose offsets have gaps');

    // The key's length; -1 is 1 in zig-zag.
    if (next >= recordEnd) return failed('a record that ends within its key');
    byte = bytes[next] ?? 0;
    if (byte === 1) walk.hasNullKey = true;
    else {
      next += 1;
      raw = byte & 0x7f;
      for (let shift = 7; byte >= 0x80; shift += 7) {
        if (shift > 28 || next >= recordEnd) return failed('a record without a right key length');
        byte = bytes[next] ?? 0;
        raw |= (byte & 0x7f) << shift;
        next += 1;
      }
      const keyBytes = (raw >>> 1) ^ -(raw & 1);
      if (keyBytes < 0 || next + keyBytes > recordEnd) {
        return failed('a record that is shorter than its key');
      }
    }
    at = recordEnd;
  }
  if (at !== end) return failed('bytes behind the last record');
  walk.minTimestampDelta = minDelta;
  walk.maxTimestampDelta = maxDelta;
  return walk;
}

function failed(problem: string): RecordWalk {
  walk.problem = problem;
  return walk;
}
