import type { Producer } from './producer-api.ts';
import type { RecordTarget } from '@millrace/kafka-protocol';
import type { ProducerRecord, ProducerRun, SendResult, WritableRun } from './records.ts';

/** A key as its record will have it, put together. */
export function packedKey(run: ProducerRun, index: number): Uint8Array {
  return between(run.keyStart, run, index * 4, run.keyEnd);
}

/** The records of a run one by one, with views of its bytes where they need no copy. */
export function recordsOfRun(run: ProducerRun): readonly ProducerRecord[] {
  const { topic, timestampMs, headers, valueStart, valueEnd } = run;
  return Array.from({ length: run.count }, (_, index) => ({
    topic,
    partition: null,
    key: run.hasKeys ? packedKey(run, index) : null,
    value: between(valueStart, run, index * 4 + 2, valueEnd),
    timestampMs,
    headers,
  }));
}

/** Records that lie together, as ones that are copied to where they are to be. */
export function writableOf(run: ProducerRun): WritableRun {
  const { topic, timestampMs, headers, count, at } = run;
  return {
    topic,
    timestampMs,
    headers,
    count,
    frame: run,
    write: (target, from) => copyRecords(run, from, target),
    packed: (from) =>
      from === 0 ? run : { ...run, count: count - from, at: at.subarray(from * 4) },
  };
}

function copyRecords(
  { at, bytes, count, hasKeys }: ProducerRun,
  from: number,
  target: RecordTarget,
): void {
  for (let slot = from * 4; slot < count * 4; slot += 4) {
    const start = at[slot + 2] ?? 0;
    const end = at[slot + 3] ?? 0;
    const keyStart = at[slot] ?? 0;
    const keyEnd = hasKeys ? (at[slot + 1] ?? 0) : keyStart;
    const { position } = target;
    const valueTo = position + end - start;
    const keyTo = valueTo + keyEnd - keyStart;
    if (keyTo > target.end) return;
    // Most sources write the key behind its value.
    if (keyStart === end || keyStart === keyEnd) copy(bytes, start, keyTo - position, target);
    else {
      copy(bytes, start, end - start, target);
      target.bytes.set(bytes.subarray(keyStart, keyEnd), valueTo);
    }
    target.add(valueTo, keyTo);
  }
}

function copy(from: Uint8Array, start: number, length: number, target: RecordTarget): void {
  const { buffer, byteOffset } = from;
  target.bytes.set(new Uint8Array(buffer, byteOffset + start, length), target.position);
}

/** `writeRun` by way of `sendRun`, for a producer without batches of its own: as many records as lie together. */
export async function writePacked(
  producer: Pick<Producer, 'sendRun'>,
  run: WritableRun,
  from: number,
  signal?: AbortSignal,
): Promise<{ readonly delivered: Promise<SendResult>; readonly end: number }> {
  const packed = run.packed(from);
  if (packed === null) return { delivered: Promise.resolve({ failures: [] }), end: from };
  const { delivered } = await producer.sendRun(packed, signal);
  return { delivered, end: from + packed.count };
}

function between(
  start: Uint8Array,
  { at, bytes }: ProducerRun,
  slot: number,
  end: Uint8Array,
): Uint8Array {
  const middle = bytes.subarray(at[slot], at[slot + 1]);
  return start.byteLength + end.byteLength === 0 ? middle : Buffer.concat([start, middle, end]);
}
