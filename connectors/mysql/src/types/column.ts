/**
 * A column as far as its values and their schema need it. From information_schema, SHOW CREATE TABLE or a schema
 * history (which know all), or from the binlog's full row metadata (which lacks display widths, and the types that
 * MariaDB stores as others: uuid, inet4, inet6).
 */
export interface ColumnDefinition {
  readonly name: string;
  /** In lower case, without size and attributes, as information_schema's DATA_TYPE: `bigint`, `varchar`, `enum`, `uuid`. */
  readonly type: string;
  /**
   * What stands in brackets: characters, bytes, bits, digits, display width, or the digits of a second's fraction.
   * null: nothing stands there.
   */
  readonly length: number | null;
  /** The second number in brackets; null: there is none. */
  readonly scale: number | null;
  readonly isUnsigned: boolean;
  /** MySQL's name of the character set, such as `utf8mb4` or `latin1`; null: not a text, or unknown. */
  readonly charset: string | null;
  /** Of enum and set only, in the order of the definition. */
  readonly labels: readonly string[];
  readonly isOptional: boolean;
}

const INTEGER_SYNONYMS: Readonly<Record<string, string>> = {
  bool: 'tinyint',
  boolean: 'tinyint',
  integer: 'int',
  dec: 'decimal',
  numeric: 'decimal',
  fixed: 'decimal',
  real: 'double',
  'double precision': 'double',
  'character varying': 'varchar',
  character: 'char',
  nchar: 'char',
  nvarchar: 'varchar',
  geomcollection: 'geometrycollection',
};

/** The parts of a type as the server prints it: `decimal(10,2) unsigned`, `enum('a','it''s')`, `timestamp(6)`. */
export function parseColumnType(
  text: string,
): Pick<ColumnDefinition, 'type' | 'length' | 'scale' | 'isUnsigned' | 'labels'> {
  const match = /^\s*([a-z0-9_]+(?: precision| varying)?)\s*(?:\(([^]*)\))?([^)]*)$/i.exec(text);
  const given = (match?.[1] ?? text).toLowerCase();
  const type = INTEGER_SYNONYMS[given] ?? given;
  const inside = match?.[2];
  const attributes = (match?.[3] ?? '').toLowerCase();
  const hasLabels = type === 'enum' || type === 'set';
  const sizes = hasLabels || inside === undefined ? [] : inside.split(',').map(Number);
  return {
    type,
    length: sizes[0] ?? (given === 'bool' || given === 'boolean' ? 1 : null),
    scale: sizes[1] ?? null,
    isUnsigned: /\b(?:unsigned|zerofill)\b/.test(attributes),
    labels: hasLabels && inside !== undefined ? parseLabels(inside) : [],
  };
}

/** Quoted strings with commas between; a quote inside is doubled or has a backslash. */
function parseLabels(text: string): readonly string[] {
  const labels: string[] = [];
  for (const [, label] of text.matchAll(/'((?:[^'\\]|''|\\.)*)'/gs))
    labels.push(unescapeText((label ?? '').replaceAll("''", "'")));
  return labels;
}

const ESCAPED: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
};

/** Of a literal as the server prints it. */
export function unescapeText(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, letter: string) => ESCAPED[letter] ?? letter);
}
