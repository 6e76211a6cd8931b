/** A record of `__consumer_offsets`; a null value is a tombstone. */
export interface GroupLogRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}
