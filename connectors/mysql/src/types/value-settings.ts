import type { ColumnConverter } from './column-converters.ts';

/** What the table of values depends on; from the connector's configuration. */
export interface ValueSettings {
  /** `decimal.handling.mode` */
  readonly decimalMode: 'precise' | 'string' | 'double';
  /** `bigint.unsigned.handling.mode` */
  readonly unsignedBigintMode: 'long' | 'precise';
  /** `time.precision.mode` */
  readonly timeMode:
    | 'adaptive'
    | 'adaptive_time_microseconds'
    | 'connect'
    | 'isostring'
    | 'microseconds'
    | 'nanoseconds';
  /** `binary.handling.mode` */
  readonly binaryMode: 'bytes' | 'base64' | 'base64-url-safe' | 'hex';
  /** What becomes of values without a representation: `event.converting.failure.handling.mode`. */
  readonly onUnrepresentable: 'fail' | 'null';
  /** `enable.time.adjuster`: years 0 to 69 of a DATE or DATETIME are 2000 to 2069, 70 to 99 are 1970 to 1999. */
  readonly adjustsYears: boolean;
  /** `converters` */
  readonly converter: ColumnConverter;
  readonly placeholderText: string;
  readonly placeholderBytes: Buffer;
}
