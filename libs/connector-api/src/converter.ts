import type { JsonForm, RawRecord, Schema, SchemaAndValue } from '@millrace/record';
import type { ComponentConfig, Plugin } from './plugin.ts';

export type ConverterRole = 'key' | 'value' | 'header';

/** Makes converters; one instance serves the keys or the values of one task. */
export interface ConverterPlugin extends Plugin {
  readonly kind: 'converter';
  create(config: ComponentConfig, role: ConverterRole): Converter;
}

export interface Converter {
  /**
   * The bytes for the log; null is a tombstone.
   * @param json the ready-made JSON form of this value, if the source had one (see `JsonForm`)
   * @throws MillraceError `fatal` when the value can't be represented (INV-8)
   */
  fromConnect(
    topic: string,
    schema: Schema | null,
    value: unknown,
    json?: JsonForm['value'],
  ): Uint8Array | null;
  /**
   * @param headers those of the record, for formats that name the schema in a header
   * @throws MillraceError `fatal` when the bytes are not of this format
   */
  toConnect(
    topic: string,
    bytes: Uint8Array | null,
    headers?: RawRecord['headers'],
  ): SchemaAndValue;
  /**
   * Fetches what `fromConnect` needs for this value from outside, such as the id of its schema; undefined when nothing
   * is missing, as for all but the first value of a schema. Called before each `fromConnect` where it is present.
   * Rejects as `fromConnect` throws, and with a `retriable` error when the outside does not answer.
   */
  prepareFromConnect?(
    topic: string,
    schema: Schema | null,
    value: unknown,
  ): Promise<void> | undefined;
  /** The same for `toConnect`. */
  prepareToConnect?(
    topic: string,
    bytes: Uint8Array | null,
    headers?: RawRecord['headers'],
  ): Promise<void> | undefined;
  /**
   * True when `fromConnect` will use a ready-made JSON form and not look at the value; the runtime then never touches
   * a lazily decoded value.
   */
  readonly usesJsonForm?: boolean;
  /** Present when `toConnect` reads JSON in UTF-8 as Connect's JsonConverter does; null bytes are a null value. */
  readonly jsonReading?: JsonReading;
  /** With `usesJsonForm`: what it writes around any JSON form but null of this schema, so that many can be written at once. */
  jsonFrame?(schema: Schema | null): JsonFrame;
}

/** How a converter reads: who knows it may read the bytes by himself, and comes to the same values. */
export interface JsonReading {
  /** Messages are `{"schema":…,"payload":…}`; else the bare value. */
  readonly hasSchemas: boolean;
  /** A null in a field that has a default is read as that default. */
  readonly replacesNullWithDefault: boolean;
}

export interface JsonFrame {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}
