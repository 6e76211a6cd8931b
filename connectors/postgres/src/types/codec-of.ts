import { schemas } from '@millrace/record';
import type { ValueSettings } from '../settings.ts';
import { arrayCodec } from './arrays.ts';
import { bitsCodec, byteaCodec, unknownCodec } from './binaries.ts';
import type { CodecMaker, ColumnCodec } from './codec.ts';
import { moneyCodec, numericCodec } from './decimals.ts';
import {
  boxCodec,
  circleCodec,
  lineCodec,
  lsegCodec,
  pathCodec,
  pointCodec,
  polygonCodec,
  postgisCodec,
} from './geometries.ts';
import { intervalCodec } from './intervals.ts';
import { bigintCodec, booleanCodec, floatCodec, integerCodec } from './numbers.ts';
import { dateCodec, timeCodec, timestampCodec } from './temporals.ts';
import { enumCodec, hstoreCodec, plainCodec, textCodec } from './texts.ts';
import type { PostgresType, TypeCatalog } from './type-catalog.ts';
import { sparseVectorCodec, vectorCodec } from './vectors.ts';
import { timestamptzCodec, timetzCodec } from './zoned-temporals.ts';

/**
 * The one table of values, by the names of types, since those of extensions have another number in each database. The
 * snapshot and the stream both receive the server's text output, so both give equal values.
 */
const CODECS: Readonly<Record<string, CodecMaker>> = {
  bool: booleanCodec,
  int2: integerCodec(schemas.int16()),
  int4: integerCodec(schemas.int32()),
  int8: bigintCodec,
  oid: bigintCodec,
  float4: floatCodec(schemas.float32()),
  float8: floatCodec(schemas.float64()),
  numeric: numericCodec,
  money: moneyCodec,
  char: textCodec(),
  bpchar: textCodec(),
  varchar: textCodec(),
  text: textCodec(),
  citext: textCodec(),
  name: textCodec(),
  isbn: textCodec(),
  bytea: byteaCodec,
  bit: bitsCodec,
  varbit: bitsCodec,
  json: textCodec('io.debezium.data.Json'),
  jsonb: textCodec('io.debezium.data.Json'),
  xml: textCodec('io.debezium.data.Xml'),
  uuid: plainCodec('io.debezium.data.Uuid'),
  ltree: textCodec('io.debezium.data.Ltree'),
  tsvector: textCodec('io.debezium.data.Tsvector'),
  inet: plainCodec(),
  cidr: plainCodec(),
  macaddr: plainCodec(),
  macaddr8: plainCodec(),
  int4range: textCodec(),
  int8range: textCodec(),
  numrange: textCodec(),
  tsrange: textCodec(),
  tstzrange: textCodec(),
  daterange: textCodec(),
  hstore: hstoreCodec,
  point: pointCodec,
  line: lineCodec,
  lseg: lsegCodec,
  box: boxCodec,
  path: pathCodec,
  polygon: polygonCodec,
  circle: circleCodec,
  geometry: postgisCodec('Geometry'),
  geography: postgisCodec('Geography'),
  vector: vectorCodec('io.debezium.data.DoubleVector', schemas.float64()),
  halfvec: vectorCodec('io.debezium.data.FloatVector', schemas.float32()),
  sparsevec: sparseVectorCodec,
  date: dateCodec,
  time: timeCodec,
  timetz: timetzCodec,
  timestamp: timestampCodec,
  timestamptz: timestamptzCodec,
  interval: intervalCodec,
};

/** What the server prints, which it reads back into the very same value (`millrace.text.datatypes`). */
const serverTextCodec = textCodec('io.millrace.postgres.Text');

/** Debezium leaves out columns that are arrays of these; so do we, for equal schemas. With `include.unknown.datatypes` they come. */
const OMITTED_ELEMENTS: ReadonlySet<string> = new Set([
  'money',
  'name',
  'interval',
  'varbit',
  'xml',
  'point',
  'refcursor',
]);

/** How the values of a column are carried; undefined: the column is left out, its type being unknown. */
export function codecOf(
  oid: number,
  modifier: number,
  types: TypeCatalog,
  settings: ValueSettings,
): ColumnCodec | undefined {
  const type = types.find(oid);
  if (type === undefined) return undefined;
  if (settings.textTypes.has(type.elementOid === 0 ? type.name : 'array'))
    return serverTextCodec({ type, modifier, settings });
  if (type.kind === 'd')
    return codecOf(type.baseOid, modifier >= 0 ? modifier : type.baseModifier, types, settings);
  const context = { type, modifier, settings };
  const known =
    type.kind === 'e'
      ? enumCodec(context)
      : type.elementOid === 0
        ? CODECS[type.name]?.(context)
        : arrayCodecOf(type, modifier, types, settings);
  return known ?? (settings.includeUnknown ? unknownCodec(context) : undefined);
}

function arrayCodecOf(
  array: PostgresType,
  modifier: number,
  types: TypeCatalog,
  settings: ValueSettings,
): ColumnCodec | undefined {
  const elementType = types.find(array.elementOid);
  if (elementType === undefined) return undefined;
  const isLeftOut = elementType.kind === 'd' || OMITTED_ELEMENTS.has(elementType.name);
  if (isLeftOut)
    return settings.includeUnknown
      ? arrayCodec(elementType, unknownCodec({ type: elementType, modifier, settings }), settings)
      : undefined;
  const element = codecOf(array.elementOid, modifier, types, settings);
  return element === undefined ? undefined : arrayCodec(elementType, element, settings);
}
