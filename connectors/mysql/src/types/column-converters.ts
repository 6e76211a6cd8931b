import { matchesAny } from '@millrace/cdc';
import type { ConfigProblem } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { schemas, type Schema } from '@millrace/record';
import type { ColumnCodec, ValueReader } from './codec.ts';
import type { ColumnDefinition } from './column.ts';
import { booleanCodec } from './integers.ts';

/** Makes another codec of a column's; undefined: the column is none of its. */
export type ColumnConverter = (
  id: string,
  column: ColumnDefinition,
  codec: ColumnCodec | undefined,
) => ColumnCodec | undefined;

type Properties = (key: string) => string | undefined;

/** The converters that Debezium ships for binlogs, by the last part of their class. */
const CONVERTERS: Readonly<Record<string, (properties: Properties) => ColumnConverter>> = {
  TinyIntOneToBooleanConverter: tinyintToBoolean,
  JdbcSinkDataTypesConverter: jdbcSinkTypes,
};

const SHIPPED = /^io\.debezium\.connector\.(?:binlog|mysql|mariadb)\.converters\.(\w+)$/;

/** Other converters would give other values: better none than wrong ones. */
export function converterProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  return listOf(raw['converters'])
    .filter((name) => makerOf(raw, name) === undefined)
    .map((name) => ({
      key: 'converters',
      message: `"${name}.type" is "${raw[`${name}.type`] ?? ''}", a Java class that can't run here; there are io.debezium.connector.binlog.converters.TinyIntOneToBooleanConverter and .JdbcSinkDataTypesConverter; else use a transform, or decimal.handling.mode, time.precision.mode, binary.handling.mode and event.converting.failure.handling.mode (what becomes of zero dates)`,
    }));
}

/** By `converters`: the first whose column it is. */
export function columnConverter(raw: ComponentConfig): ColumnConverter {
  const converters = listOf(raw['converters']).flatMap((name) => {
    const maker = makerOf(raw, name);
    return maker === undefined ? [] : [maker((key) => raw[`${name}.${key}`]?.trim())];
  });
  return (id, column, codec) => {
    for (const convert of converters) {
      const converted = convert(id, column, codec);
      if (converted !== undefined) return converted;
    }
    return undefined;
  };
}

function makerOf(
  raw: ComponentConfig,
  name: string,
): ((properties: Properties) => ColumnConverter) | undefined {
  return CONVERTERS[SHIPPED.exec(raw[`${name}.type`]?.trim() ?? '')?.[1] ?? ''];
}

function tinyintToBoolean(properties: Properties): ColumnConverter {
  const selects = selector(properties('selector')) ?? ((): boolean => true);
  const checksLength = properties('length.checker')?.toLowerCase() !== 'false';
  return (id, column) =>
    column.type === 'tinyint' && selects(id) && (!checksLength || column.length === 1)
      ? booleanCodec(column)
      : undefined;
}

const CHARSET = '__debezium.source.column.character_set';

/** What the JDBC sink is told of columns whose types a topic does not tell apart. */
function jdbcSinkTypes(properties: Properties): ColumnConverter {
  const none = (): boolean => false;
  const isBoolean = selector(properties('selector.boolean')) ?? none;
  const isReal = selector(properties('selector.real')) ?? none;
  const isText = selector(properties('selector.string')) ?? none;
  const asFloat = properties('treat.real.as.double')?.toLowerCase() === 'false';
  return (id, { charset }, codec) => {
    if (codec === undefined) return undefined;
    if (isBoolean(id)) return adapted(codec, schemas.int16(), 0, (value) => (truth(value) ? 1 : 0));
    if (isReal(id))
      return adapted(codec, asFloat ? schemas.float32() : schemas.float64(), 0, Number);
    if (!isText(id)) return undefined;
    const parameters = charset === null ? {} : { parameters: { [CHARSET]: charset } };
    const schema = schemas.string(parameters);
    // Texts go the short way still.
    return codec.schema.type === 'string'
      ? { ...codec, schema }
      : adapted(codec, schema, '', String);
  };
}

function truth(value: unknown): boolean {
  return value === true || Number(value) > 0;
}

function adapted(
  codec: ColumnCodec,
  schema: Schema,
  zero: unknown,
  convert: (value: unknown) => unknown,
): ColumnCodec {
  const reader = (from: ValueReader): ValueReader => ({
    read: (bytes, start, end) => {
      const value = from.read(bytes, start, end);
      return value === null ? null : convert(value);
    },
    json: null,
  });
  return {
    schema,
    zero,
    placeholder: undefined,
    text: reader(codec.text),
    onWire: (wire) => reader(codec.onWire(wire)),
  };
}

function selector(text: string | undefined): ((id: string) => boolean) | undefined {
  const patterns = listOf(text);
  return patterns.length === 0 ? undefined : matchesAny(patterns);
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
