import { Decimal, logical, schemas, type Schema } from '@millrace/record';

/** Numbers of a seed, so that a failure can be seen again. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(bound: number): number {
    // xorshift
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % bound;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  text(parts: readonly [string, ...string[]], partsMax: number): string {
    return Array.from({ length: this.below(partsMax + 1) }, () => this.pick(parts)).join('');
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** A column, and values for it of which each one is told apart from its neighbours only by what is easily lost. */
export interface RandomColumn {
  readonly type: string;
  readonly schema: Schema;
  readonly value: (dice: Dice) => unknown;
}

const optional = { optional: true } as const;
const D = 'io.debezium.data.';
const T = 'io.debezium.time.';

/** What divides lines and values of a file, what quotes texts, and what stands for NULL. */
const SPECIAL: readonly [string, ...string[]] = [
  '\\',
  '\\N',
  '\\0',
  'NULL',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\u001a',
  "'",
  '"',
  '`',
  ',',
  'a',
  ' b',
  'é',
];
const WIDE: readonly [string, ...string[]] = [...SPECIAL, '€', 'Ж', '漢', '😀', '\u2028', '\ufeff'];
/** Characters whose second byte in Shift JIS is a backslash among them. */
const JAPANESE: readonly [string, ...string[]] = ['ソ', '表', '十', 'ａ', 'ｱ', '\t', "'", 'x'];
const WORDS: readonly [string, ...string[]] = ['a', "o'k", 'b\\c', 'gl,ad'];

const text = (dice: Dice): string => dice.text(WIDE, 12);
const decimalOf = (dice: Dice): Decimal =>
  Decimal.parse(
    `${dice.pick(['', '-'])}${dice.below(2 ** 31)}${dice.below(2 ** 31)}.${String(dice.below(10 ** 9)).padStart(9, '0')}1`,
  );

export const RANDOM_COLUMNS: readonly RandomColumn[] = [
  { type: 'longtext', schema: schemas.string(optional), value: text },
  { type: 'varchar(60)', schema: schemas.string(optional), value: text },
  { type: 'char(60)', schema: schemas.string(optional), value: (dice) => `${text(dice)}.` },
  {
    type: 'varchar(60) character set latin1',
    schema: schemas.string(optional),
    value: (dice) => dice.text(SPECIAL, 12),
  },
  { type: 'varchar(60) character set utf16', schema: schemas.string(optional), value: text },
  {
    type: 'varchar(60) character set sjis',
    schema: schemas.string(optional),
    value: (dice) => dice.text(JAPANESE, 12),
  },
  {
    type: 'longblob',
    schema: schemas.bytes(optional),
    value: (dice) => dice.bytes(dice.below(40)),
  },
  {
    type: 'varbinary(40)',
    schema: schemas.bytes(optional),
    value: (dice) => dice.pick([Buffer.alloc(0), Buffer.from('\\N\t\n\0'), dice.bytes(40)]),
  },
  { type: 'binary(4)', schema: schemas.bytes(optional), value: (dice) => dice.bytes(4) },
  {
    type: 'bit(64)',
    schema: schemas.bytes({ name: `${D}Bits`, parameters: { length: '64' }, optional: true }),
    value: (dice) => dice.pick([Buffer.alloc(8, 255), dice.bytes(8), Buffer.alloc(8)]),
  },
  {
    type: 'bit(5)',
    schema: schemas.bytes({ name: `${D}Bits`, parameters: { length: '5' }, optional: true }),
    value: (dice) => Buffer.of(dice.below(32)),
  },
  {
    type: 'json',
    schema: schemas.string({ name: `${D}Json`, optional: true }),
    value: (dice) => JSON.stringify({ [text(dice)]: [text(dice), dice.below(9), null, 1.5e300] }),
  },
  {
    type: 'decimal(40,10)',
    schema: schemas.bytes(logical.decimal(10, optional)),
    value: decimalOf,
  },
  {
    type: 'double',
    schema: schemas.float64(optional),
    value: (dice) =>
      dice.pick([0, -0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, dice.below(2 ** 31) / 7]),
  },
  {
    type: 'float',
    schema: schemas.float32(optional),
    value: (dice) => Math.fround(dice.pick([0, 3.4e38, 1e-38, dice.below(2 ** 24) / 7])),
  },
  {
    type: 'bigint',
    schema: schemas.int64(optional),
    value: (dice) => dice.pick([-(2n ** 63n), 2n ** 63n - 1n, 0, -dice.below(2 ** 31)]),
  },
  {
    type: 'bigint unsigned',
    schema: schemas.string(optional),
    value: (dice) => dice.pick(['18446744073709551615', '0', String(dice.below(2 ** 31))]),
  },
  {
    type: 'datetime(6)',
    schema: schemas.int64({ name: `${T}MicroTimestamp`, optional: true }),
    value: (dice) => dice.below(2 ** 31) * 1_000_003 - 2 ** 50,
  },
  {
    type: 'timestamp(6)',
    schema: schemas.string({ name: `${T}ZonedTimestamp`, optional: true }),
    value: (dice) =>
      new Date(1e12 + dice.below(2 ** 31) * 300)
        .toISOString()
        .replace('Z', `${dice.below(900) + 100}Z`),
  },
  {
    type: 'time(6)',
    schema: schemas.int64({ name: `${T}MicroTime`, optional: true }),
    value: (dice) => (dice.below(2 ** 31) - 2 ** 30) * 2_001,
  },
  { type: 'year', schema: schemas.int32(optional), value: (dice) => 1901 + dice.below(255) },
  {
    type: "enum('a','o''k','b\\\\c','gl,ad')",
    schema: schemas.string({ name: `${D}Enum`, optional: true }),
    value: (dice) => dice.pick(WORDS),
  },
  {
    type: "set('a','o''k','b\\\\c')",
    schema: schemas.string({ name: `${D}EnumSet`, optional: true }),
    value: (dice) => dice.pick(['', 'a', "a,o'k", "o'k,b\\c"]),
  },
];

const instant = (dice: Dice): string =>
  new Date(1e12 + dice.below(2 ** 31) * 300)
    .toISOString()
    .replace(/\.\d+Z$/, dice.pick(['Z', '.5Z', '.123456Z', '.100000Z']));

/** As JSON without schemas has them. */
export const LOOSE_COLUMNS: readonly Omit<RandomColumn, 'schema'>[] = [
  { type: 'longtext', value: text },
  { type: 'char(60)', value: (dice) => `${text(dice)}.` },
  {
    type: 'text',
    value: (dice) => dice.pick<unknown>([dice.below(99), true, 1.5, 'a', -7, 12_345_678_901]),
  },
  { type: 'json', value: (dice) => JSON.stringify([text(dice), dice.below(9), 0.5]) },
  { type: 'json', value: (dice) => ({ [text(dice)]: [dice.below(9), null, { a: text(dice) }] }) },
  { type: 'tinyint(1)', value: (dice) => dice.pick<unknown>([true, false, 1, 0]) },
  { type: 'int', value: (dice) => dice.below(2 ** 31) - 2 ** 30 },
  {
    type: 'bigint',
    value: (dice) => dice.pick<unknown>([-0, 2 ** 53, -(2 ** 62), '12', dice.below(99)]),
  },
  {
    type: 'double',
    value: (dice) => dice.pick([0, -0, 5e-324, 1e21, 0.1 + 0.2, dice.below(2 ** 31) / 7, true]),
  },
  { type: 'float', value: (dice) => dice.pick([0.5, dice.below(2 ** 20) / 8]) },
  { type: 'decimal(40,10)', value: (dice) => decimalOf(dice).toBytes().toString('base64') },
  {
    type: 'decimal(12,2)',
    value: (dice) =>
      new Decimal(BigInt(dice.below(2 ** 30) - 2 ** 29), 2).toBytes().toString('base64'),
  },
  { type: 'decimal(12,2)', value: (dice) => dice.pick([0.25, 7, -12.5, false]) },
  { type: 'timestamp(6)', value: instant },
  { type: 'timestamp', value: (dice) => instant(dice).replace(/\.\d+/, '') },
  { type: 'datetime(6)', value: instant },
  { type: 'datetime(1)', value: (dice) => instant(dice).replace(/\.\d+/, '.7') },
  {
    type: 'date',
    value: (dice) => dice.pick<unknown>(['2024-05-01', '2024-05-01T00:00:00Z', dice.below(20_000)]),
  },
  { type: 'time(6)', value: (dice) => dice.pick(['10:00:00.5', '23:59:59Z']) },
  { type: "enum('a','o''k','b\\\\c','gl,ad')", value: (dice) => dice.pick(WORDS) },
  { type: 'bit(1)', value: (dice) => dice.below(2) === 1 },
  {
    type: 'blob',
    value: (dice) =>
      Buffer.concat([Buffer.of(255, 254, 253), dice.bytes(3 * dice.below(9))]).toString('base64'),
  },
];
