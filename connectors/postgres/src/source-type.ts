/** What Debezium tells of a column's type in its schema, with the sizes that the JDBC driver gives. */
export function sourceTypeParameters(
  column: string,
  typeName: string,
  modifier: number,
): Readonly<Record<string, string>> {
  const sized = typeName.replace(/^_/, ''); // an array has the size of its elements
  return {
    '__debezium.source.column.type': typeName.toUpperCase(),
    '__debezium.source.column.length': String(lengthOf(sized, modifier)),
    '__debezium.source.column.scale': String(scaleOf(sized, modifier)),
    '__debezium.source.column.name': column,
  };
}

const UNBOUNDED = 2_147_483_647;

const LENGTHS: Readonly<Record<string, number>> = {
  bool: 1,
  char: 1,
  int2: 5,
  int4: 10,
  oid: 10,
  int8: 19,
  float4: 8,
  float8: 17,
  date: 13,
  interval: 49,
};

/** Characters of a time without its fraction. */
const TIME_LENGTHS: Readonly<Record<string, number>> = {
  time: 8,
  timetz: 14,
  timestamp: 22,
  timestamptz: 28,
};

function lengthOf(typeName: string, modifier: number): number {
  const timeLength = TIME_LENGTHS[typeName];
  if (timeLength !== undefined) return timeLength + fractionLength(modifier);
  switch (typeName) {
    case 'numeric':
      return modifier < 0 ? 131_089 : ((modifier - 4) >> 16) & 0xffff;
    case 'bpchar':
    case 'varchar':
      return modifier < 0 ? UNBOUNDED : modifier - 4;
    case 'bit':
    case 'varbit':
      return modifier < 0 ? UNBOUNDED : modifier;
    default:
      return LENGTHS[typeName] ?? UNBOUNDED;
  }
}

/** With the point; the driver counts one digit as two. */
function fractionLength(modifier: number): number {
  if (modifier < 0) return 7;
  if (modifier === 0) return 0;
  return modifier === 1 ? 3 : modifier + 1;
}

function scaleOf(typeName: string, modifier: number): number {
  if (typeName in TIME_LENGTHS) return modifier < 0 ? 6 : modifier;
  switch (typeName) {
    case 'numeric':
      return modifier < 0 ? 0 : (modifier - 4) & 0xffff;
    case 'interval':
      return modifier < 0 ? 6 : modifier & 0xffff;
    case 'float4':
      return 8;
    case 'float8':
      return 17;
    default:
      return 0;
  }
}
