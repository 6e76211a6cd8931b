import { addressCodec } from './addresses.ts';
import { binaryCodec, geometryCodec, vectorCodec } from './binaries.ts';
import type { ColumnCodec } from './codec.ts';
import type { ColumnDefinition } from './column.ts';
import { decimalCodec, floatCodec } from './decimals.ts';
import { bigintCodec, bitCodec, integerCodec, yearCodec } from './integers.ts';
import { dateCodec, datetimeCodec, timeCodec, timestampCodec } from './temporals.ts';
import { enumCodec, jsonCodec, setCodec, textCodec } from './texts.ts';
import type { ValueSettings } from './value-settings.ts';

type CodecMaker = (column: ColumnDefinition, settings: ValueSettings) => ColumnCodec;

/** The one table of values, by the names of the types. */
const CODECS: Readonly<Record<string, CodecMaker>> = {
  tinyint: integerCodec,
  smallint: integerCodec,
  mediumint: integerCodec,
  int: integerCodec,
  bigint: bigintCodec,
  decimal: decimalCodec,
  float: floatCodec,
  double: floatCodec,
  bit: bitCodec,
  year: yearCodec,
  date: dateCodec,
  datetime: datetimeCodec,
  timestamp: timestampCodec,
  time: timeCodec,
  char: textCodec,
  varchar: textCodec,
  tinytext: textCodec,
  text: textCodec,
  mediumtext: textCodec,
  longtext: textCodec,
  binary: binaryCodec,
  varbinary: binaryCodec,
  tinyblob: binaryCodec,
  blob: binaryCodec,
  mediumblob: binaryCodec,
  longblob: binaryCodec,
  enum: enumCodec,
  set: setCodec,
  json: jsonCodec,
  geometry: geometryCodec,
  point: geometryCodec,
  linestring: geometryCodec,
  polygon: geometryCodec,
  multipoint: geometryCodec,
  multilinestring: geometryCodec,
  multipolygon: geometryCodec,
  geometrycollection: geometryCodec,
  geomcollection: geometryCodec,
  vector: vectorCodec,
  uuid: addressCodec,
  inet4: addressCodec,
  inet6: addressCodec,
};

/**
 * How the values of a column are carried; undefined: its type is unknown and the column is left out.
 * @param table `database.table`
 */
export function codecOf(
  column: ColumnDefinition,
  settings: ValueSettings,
  table: string,
): ColumnCodec | undefined {
  const codec = CODECS[column.type]?.(column, settings);
  return settings.converter(`${table}.${column.name}`, column, codec) ?? codec;
}
