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
 * Walks over records: length, attributes, time stamp delta, offset delta, and that key, value and headers fill the
 * record exactly, as who reads it will take for granted. The answer is valid until the next call.
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
    // Nearly all records have a length of one or two bytes, and the same or a near time, offset and key length of one
    // or two: these are compared and not decoded. Everything else goes the long way.
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    const isShort = first < 0x80;
    if ((isShort || second < 0x80) && at + 10 < end) {
      const raw = isShort ? first : (first & 0x7f) | (second << 7);
      let next = at + (isShort ? 2 : 3);
      const recordEnd = next - 1 + (raw >>> 1);
      const time = bytes[next] ?? 0;
      let delta = (time >>> 1) ^ -(time & 1);
      next += 1;
      if (time >= 0x80) {
        const more = bytes[next] ?? 0;
        const both = (time & 0x7f) | (more << 7);
        delta = more < 0x80 ? (both >>> 1) ^ -(both & 1) : NaN;
        next += 1;
      }
      const wanted = index << 1;
      let isRight = (raw & 1) === 0 && recordEnd <= end && !Number.isNaN(delta);
      if (wanted < 0x80) {
        isRight = isRight && bytes[next] === wanted;
        next += 1;
      } else {
        isRight =
          isRight &&
          bytes[next] === ((wanted & 0x7f) | 0x80) &&
          bytes[next + 1] === wanted >>> 7 &&
          wanted < 0x4000;
        next += 2;
      }
      const key = bytes[next] ?? 0;
      next += 1;
      // A null key is 1, others are even; so with values.
      if (isRight && key < 0x80 && (key === 1 || (key & 1) === 0)) {
        if (key !== 1) next += key >>> 1;
        let value = bytes[next] ?? 0;
        next += 1;
        if (value >= 0x80) {
          const more = bytes[next] ?? 0;
          value = more < 0x80 ? (value & 0x7f) | (more << 7) : -1;
          next += 1;
        }
        if (value !== 1) next += value >>> 1;
        // Most records have no headers: one more byte, which is 0.
        const isFull = next === recordEnd - 1 && bytes[next] === 0;
        if (
          (value === 1 || (value & 1) === 0) &&
          (isFull || (next < recordEnd && hasRightHeaders(bytes, next, recordEnd)))
        ) {
          if (key === 1) walk.hasNullKey = true;
          if (delta < minDelta) minDelta = delta;
          else if (delta > maxDelta) maxDelta = delta;
          at = recordEnd;
          continue;
        }
      }
    }
    const problem = walkOne(bytes, at, end, index);
    if (problem !== undefined) return failed(problem);
    if (slow.delta < minDelta) minDelta = slow.delta;
    else if (slow.delta > maxDelta) maxDelta = slow.delta;
    at = slow.end;
  }
  if (at !== end) return failed('bytes behind the last record');
  walk.minTimestampDelta = minDelta;
  walk.maxTimestampDelta = maxDelta;
  return walk;
}

/** Of the record that was walked the long way last. */
const slow = { delta: 0, end: 0 };

/** One record, decoded field by field. Answers what is wrong with it. */
function walkOne(bytes: Uint8Array, at: number, end: number, index: number): string | undefined {
  let byte = bytes[at] ?? 0;
  let raw = byte & 0x7f;
  let next = at + 1;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    if (shift > 28 || next >= end) return 'a record without a right length';
    byte = bytes[next] ?? 0;
    raw |= (byte & 0x7f) << shift;
    next += 1;
  }
  const length = (raw >>> 1) ^ -(raw & 1);
  const recordEnd = next + length;
  if (length < 6 || recordEnd > end) return 'a record that is longer than its batch';
  next += 1; // attributes: unused

  // The time stamp delta, up to ten bytes.
  byte = bytes[next] ?? 0;
  next += 1;
  let value = byte & 0x7f;
  let factor = 128;
  for (let count = 1; byte >= 0x80; count += 1) {
    if (count === 10 || next >= recordEnd) return 'a record without a right time stamp';
    byte = bytes[next] ?? 0;
    value += (byte & 0x7f) * factor;
    factor *= 128;
    next += 1;
  }
  slow.delta = value % 2 === 0 ? value / 2 : -(value + 1) / 2;

  // The offset delta is the record's index.
  byte = bytes[next] ?? 0;
  next += 1;
  raw = byte & 0x7f;
  for (let shift = 7; byte >= 0x80; shift += 7) {
    if (shift > 28 || next >= recordEnd) return 'a record without a right offset';
    byte = bytes[next] ?? 0;
    raw |= (byte & 0x7f) << shift;
    next += 1;
  }
  if (((raw >>> 1) ^ -(raw & 1)) !== index) return 'records whose offsets have gaps';

  // The key's length; -1 is 1 in zig-zag.
  if (next >= recordEnd) return 'a record that ends within its key';
  byte = bytes[next] ?? 0;
  next += 1;
  if (byte === 1) {
    walk.hasNullKey = true;
  } else {
    raw = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 28 || next >= recordEnd) return 'a record without a right key length';
      byte = bytes[next] ?? 0;
      raw |= (byte & 0x7f) << shift;
      next += 1;
    }
    const keyBytes = (raw >>> 1) ^ -(raw & 1);
    if (keyBytes < 0 || next + keyBytes > recordEnd) return 'a record that is shorter than its key';
    next += keyBytes;
  }
  const valueBytes = readVarint(bytes, next, recordEnd);
  const headersAt = varintEnd + Math.max(valueBytes, 0);
  if (!(valueBytes >= -1) || headersAt > recordEnd)
    return 'a record that is shorter than its value';
  if (!hasRightHeaders(bytes, headersAt, recordEnd)) return 'a record whose headers do not fill it';
  slow.end = recordEnd;
  return undefined;
}

/** Whether headers, with their count before them, fill a record from `at` to its end. */
function hasRightHeaders(bytes: Uint8Array, at: number, end: number): boolean {
  const count = readVarint(bytes, at, end);
  // Each has two lengths at least, so that a false count ends soon.
  if (!(count >= 0) || count * 2 > end - varintEnd) return false;
  for (let index = 0; index < count; index += 1) {
    const keyBytes = readVarint(bytes, varintEnd, end);
    if (!(keyBytes >= 0) || varintEnd + keyBytes > end) return false;
    const valueBytes = readVarint(bytes, varintEnd + keyBytes, end);
    if (!(valueBytes >= -1)) return false;
    varintEnd += Math.max(valueBytes, 0);
  }
  return varintEnd === end;
}

/** Behind the number that `readVarint` has read last. */
let varintEnd = 0;

/** NaN where there is none. */
function readVarint(bytes: Uint8Array, at: number, end: number): number {
  let raw = 0;
  let next = at;
  for (let shift = 0; shift <= 28 && next < end; shift += 7) {
    const byte = bytes[next] ?? 0;
    next += 1;
    raw |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      varintEnd = next;
      return (raw >>> 1) ^ -(raw & 1);
    }
  }
  return NaN;
}

function failed(problem: string): RecordWalk {
  walk.problem = problem;
  return walk;
}
