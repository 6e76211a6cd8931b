import type { ColumnCodec } from './types/codec.ts';

/** The types whose defaults Debezium knows; others have none in their schema. */
const TYPES: ReadonlySet<string> = new Set(
  'bit varbit bool bpchar varchar text numeric float4 float8 int2 int4 int8 json jsonb xml uuid date time timestamp timestamptz interval'.split(
    ' ',
  ),
);

const ENUM = 'io.debezium.data.Enum';

/** A default that is computed: `nextval('x'::regclass)`, `now()`, `CURRENT_DATE`. */
const COMPUTED =
  /^(?:\(?[A-Za-z0-9_.]+\(.*\)|(?:CURRENT_(?:TIMESTAMP|TIME|DATE)|LOCALTIME|LOCALTIMESTAMP)$)/is;
const QUOTED = /^\(?'((?:[^']|'')*)'(?:::[\s\S]+)?$/;
const BIT_STRING = /^B'([01]*)'/;
const BARE = /^\(?(-?[0-9][0-9.eE+-]*|true|false)\)?(?:::[\s\S]+)?$/;

/**
 * The default of a column for its schema: a literal is parsed as any value; what is computed gives the zero value of
 * the type, also to optional columns, as Debezium does. Undefined: none.
 */
export function columnDefault(
  expression: string | null,
  typeName: string,
  codec: ColumnCodec,
): unknown {
  if (!TYPES.has(typeName) && codec.schema.name !== ENUM) return undefined;
  if (expression === null || /^\(?NULL\b/i.test(expression)) return undefined;
  // Connect can't have structs as defaults (KAFKA-12694).
  if (codec.schema.type === 'struct') return undefined;
  const literal =
    BIT_STRING.exec(expression)?.[1] ??
    QUOTED.exec(expression)?.[1]?.replaceAll("''", "'") ??
    BARE.exec(expression)?.[1];
  if (literal === undefined)
    return codec.schema.name !== ENUM && COMPUTED.test(expression)
      ? generatedDefault(typeName, codec)
      : undefined;
  return decodeLiteral(literal, codec);
}

/** Stands in a schema for what a function makes. */
function generatedDefault(typeName: string, codec: ColumnCodec): unknown {
  switch (typeName) {
    case 'uuid':
      return '00000000-0000-0000-0000-000000000000';
    case 'json':
    case 'jsonb':
      return '{}';
    case 'timestamptz':
      return codec.decode('1970-01-01 00:00:00+00');
    default:
      return codec.zero;
  }
}

function decodeLiteral(literal: string, codec: ColumnCodec): unknown {
  try {
    const text =
      codec.schema.type === 'boolean' && (literal === 'true' || literal === 'false')
        ? literal.charAt(0)
        : literal;
    const value = codec.decode(text) ?? undefined;
    return Number.isNaN(value) && !codec.schema.type.startsWith('float') ? undefined : value;
  } catch {
    return undefined; // text that is no value as the server prints it, such as 'now' or 'epoch'
  }
}
