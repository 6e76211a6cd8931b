import { crc32c } from '@millrace/kafka-protocol';
import type { ProducerState } from './producer-states.ts';

/*
 * Kafka's `.snapshot` file: version i16 (1), CRC-32C u32 of what follows it, count i32, then per
 * producer: id i64, epoch i16, last sequence i32, last offset i64, offset delta i32, time stamp
 * i64, coordinator epoch i32, first offset of the open transaction i64. Only the last batch of a
 * producer is kept in it.
 */
const VERSION = 1;
const HEADER_BYTES = 10;
const ENTRY_BYTES = 46;
const CRC_AT = 2;
const ENTRIES_AT = 6;
const SEQUENCES = 2_147_483_648;

export function encodeProducerSnapshot(states: readonly ProducerState[]): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + states.length * ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setInt16(0, VERSION);
  view.setInt32(ENTRIES_AT, states.length);
  let at = HEADER_BYTES;
  for (const state of states) {
    const last = state.batches.at(-1);
    view.setBigInt64(at, BigInt(state.producerId));
    view.setInt16(at + 8, state.epoch);
    view.setInt32(at + 10, last?.lastSequence ?? -1);
    view.setBigInt64(at + 14, BigInt(last?.lastOffset ?? -1));
    view.setInt32(at + 22, last === undefined ? 0 : last.lastOffset - last.baseOffset);
    view.setBigInt64(at + 26, BigInt(last?.timestampMs ?? state.lastSeenMs));
    view.setInt32(at + 34, state.coordinatorEpoch);
    view.setBigInt64(at + 38, BigInt(state.transactionFirstOffset));
    at += ENTRY_BYTES;
  }
  view.setUint32(CRC_AT, crc32c(bytes.subarray(ENTRIES_AT)));
  return bytes;
}

/** Undefined when the file is damaged or of another version: it is then built again from the log. */
export function decodeProducerSnapshot(
  bytes: Uint8Array,
  nowMs: number,
): readonly ProducerState[] | undefined {
  if (bytes.byteLength < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getInt32(ENTRIES_AT);
  if (view.getInt16(0) !== VERSION || bytes.byteLength !== HEADER_BYTES + count * ENTRY_BYTES) {
    return undefined;
  }
  if (crc32c(bytes.subarray(ENTRIES_AT)) !== view.getUint32(CRC_AT)) return undefined;
  const states: ProducerState[] = [];
  for (let at = HEADER_BYTES; at < bytes.byteLength; at += ENTRY_BYTES) {
    states.push(decodeEntry(view, at, nowMs));
  }
  return states;
}

function decodeEntry(view: DataView, at: number, nowMs: number): ProducerState {
  const lastSequence = view.getInt32(at + 10);
  const lastOffset = Number(view.getBigInt64(at + 14));
  const offsetDelta = view.getInt32(at + 22);
  const timestampMs = Number(view.getBigInt64(at + 26));
  const firstSequence = (lastSequence - offsetDelta + SEQUENCES) % SEQUENCES;
  return {
    producerId: Number(view.getBigInt64(at)),
    epoch: view.getInt16(at + 8),
    coordinatorEpoch: view.getInt32(at + 34),
    lastSeenMs: nowMs,
    transactionFirstOffset: Number(view.getBigInt64(at + 38)),
    batches:
      lastSequence < 0
        ? []
        : [
            {
              firstSequence,
              lastSequence,
              baseOffset: lastOffset - offsetDelta,
              lastOffset,
              timestampMs,
            },
          ],
  };
}
