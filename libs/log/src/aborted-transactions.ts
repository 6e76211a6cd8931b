/** Bytes of an entry in a `.txnindex` file: version i16 (0) and four i64. */
const ENTRY_BYTES = 34;

/** A transaction that was aborted: readers of committed records leave out its batches. */
export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of the marker. */
  readonly lastOffset: number;
  /** The last stable offset when it was aborted. */
  readonly lastStableOffset: number;
}

export function encodeAborted(entries: readonly AbortedTransaction[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const entry of entries) {
    view.setInt16(at, 0);
    view.setBigInt64(at + 2, BigInt(entry.producerId));
    view.setBigInt64(at + 10, BigInt(entry.firstOffset));
    view.setBigInt64(at + 18, BigInt(entry.lastOffset));
    view.setBigInt64(at + 26, BigInt(entry.lastStableOffset));
    at += ENTRY_BYTES;
  }
  return bytes;
}

/** Undefined when the file can't be understood. */
export function decodeAborted(bytes: Uint8Array): readonly AbortedTransaction[] | undefined {
  if (bytes.byteLength % ENTRY_BYTES !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: AbortedTransaction[] = [];
  for (let at = 0; at < bytes.byteLength; at += ENTRY_BYTES) {
    if (view.getInt16(at) !== 0) return undefined;
    entries.push({
      producerId: Number(view.getBigInt64(at + 2)),
      firstOffset: Number(view.getBigInt64(at + 10)),
      lastOffset: Number(view.getBigInt64(at + 18)),
      lastStableOffset: Number(view.getBigInt64(at + 26)),
    });
  }
  return entries;
}
