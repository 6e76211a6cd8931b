import type { Schema } from './schema.ts';

export interface Header {
  readonly key: string;
  readonly schema: Schema | null;
  readonly value: unknown;
}

/** What moves between connectors and the log, decoded. */
export interface ConnectRecord {
  readonly topic: string;
  /** null: the partitioner chooses by the key. */
  readonly partition: number | null;
  readonly keySchema: Schema | null;
  readonly key: unknown;
  readonly valueSchema: Schema | null;
  readonly value: unknown;
  /** Milliseconds since the epoch; null: the time of production. */
  readonly timestampMs: number | null;
  readonly headers: readonly Header[];
}

/** What may stand in a source partition or offset: it must survive Connect's JSON offset topic. */
export type OffsetValue = string | number | bigint | boolean | null;
export type SourcePartition = Readonly<Record<string, OffsetValue>>;
export type SourceOffset = Readonly<Record<string, OffsetValue>>;

/**
 * The JSON forms that a source already has at hand, byte for byte what `JsonConverter` with its default
 * settings and `schemas.enable=false` would write. A converter with other settings ignores them, and a
 * transform that changes the record drops them; then key and value are read as usual.
 *
 * The bytes may be lent: a source may write over them from its next `poll` on, so who keeps them longer copies them.
 */
export interface JsonForm {
  readonly key?: Uint8Array | null;
  readonly value?: Uint8Array | null;
}

/**
 * Records in a row of one topic, key schema, value schema and headers, all without a partition and a time of their own,
 * that a source renders many at a time. Only for who asked for them: see `SourceTaskContext.takesRuns`.
 */
export interface RecordRun {
  readonly count: number;
  /** The JSON forms of the records from `from` on: as many as go in one piece, none when that record needs the long way. */
  render(from: number): RenderedRecords;
  /** One of them as a record of its own, which may be kept. To be asked for before the source's next `poll`. */
  record(index: number): SourceRecord;
  /** For runs that can be rendered where they are to be in the end. */
  readonly inPlace?: InPlaceRun;
}

/** A run whose JSON forms are written straight into the batch of the log, before the source's next `poll`. */
export interface InPlaceRun {
  /** False: the keys are null. */
  readonly hasKeys: boolean;
  /** What all values end with, behind their own bytes. */
  readonly valueEnd: Uint8Array;
  /** What the records will take, roughly. */
  readonly bytes: number;
  /** Writes records from `from` on while there is room; how many: none also when that record needs the long way. */
  write(target: RecordTarget, from: number): number;
}

/** Where records are written, one behind the other. */
export interface RecordTarget {
  readonly bytes: Buffer;
  /** Where the value of the next record goes; its key is written behind it, and moved to its place. */
  readonly position: number;
  /** Up to here may be written, keys included. */
  readonly end: number;
  /** The value stands from `position` to `valueEnd`, its key from there to `keyEnd`. */
  add(valueEnd: number, keyEnd: number): void;
}

/** JSON forms, as `JsonForm` has them, one after another. Lent until the source's next `poll`. */
export interface RenderedRecords {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Four positions a record: where its key starts and ends, and its value. */
  readonly at: Int32Array;
  /** False: the keys are null. */
  readonly hasKeys: boolean;
  /** What all values end with, behind their own bytes. */
  readonly valueEnd: Uint8Array;
}

export interface SourceRecord extends ConnectRecord {
  /** Which stream of the source system; records of one source partition are delivered in order (INV-3). */
  readonly sourcePartition: SourcePartition;
  /** Where to go on after this record. */
  readonly sourceOffset: SourceOffset;
  /**
   * Only the offset counts: nothing is written, no transform or converter sees it. For sources that move on without
   * records, so that they may tell the source system how far it may forget (INV-1).
   */
  readonly isOffsetOnly?: true;
  readonly json?: JsonForm;
  /**
   * This record stands for several: `sourceOffset` is where to go on after the last of them, topic, schemas and headers
   * are those of all, and key and value are not looked at.
   */
  readonly run?: RecordRun;
}

export type TimestampType = 'none' | 'create' | 'log-append';

/** The bytes that the log holds, before any conversion. Kept for dead letters. */
export interface RawRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[];
}

/** A record as the log holds it, with its place there. */
export interface LogRecord extends RawRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface SinkRecord extends ConnectRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestampType: TimestampType;
  /** Where it was read, whatever transforms did to `topic` (KIP-793). */
  readonly originalTopic: string;
  readonly originalPartition: number;
  readonly originalOffset: number;
  readonly raw: RawRecord;
}
