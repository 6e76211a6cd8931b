import { multiByteDecoder } from './multi-byte.ts';
import { SWE7, UPPER_HALVES } from './single-byte.ts';

/** How the texts of a character set are read. */
export interface Charset {
  readonly name: string;
  /** Bytes of a character at most. */
  readonly widthMax: number;
  /** Its bytes are UTF-8 already. */
  readonly isUtf8: boolean;
  readonly decode: (bytes: Buffer, start: number, end: number) => string;
  /** Of single-byte character sets: the UTF-8 bytes of each character as JSON writes them, four at most packed with their count. */
  readonly table: readonly Buffer[] | null;
}

const UTF8: Charset = {
  name: 'utf8mb4',
  widthMax: 4,
  isUtf8: true,
  decode: (bytes, start, end) => bytes.toString('utf8', start, end),
  table: null,
};

const MULTI_BYTE: Readonly<Record<string, readonly [encoding: string, widthMax: number]>> = {
  big5: ['big5', 2],
  cp932: ['cp932', 2],
  sjis: ['shiftjis', 2],
  ujis: ['eucjp', 3],
  eucjpms: ['eucjp', 3],
  euckr: ['euckr', 2],
  gb2312: ['gb2312', 2],
  gbk: ['gbk', 2],
  gb18030: ['gb18030', 4],
  ucs2: ['utf16be', 2],
  utf16: ['utf16be', 4],
  utf16le: ['utf16le', 4],
  utf32: ['utf32be', 4],
};

const known = new Map<string, Charset>([
  ['utf8mb4', UTF8],
  ['utf8mb3', { ...UTF8, name: 'utf8mb3', widthMax: 3 }],
  ['utf8', { ...UTF8, name: 'utf8mb3', widthMax: 3 }],
  ['ascii', { ...UTF8, name: 'ascii', widthMax: 1 }],
]);

/** By MySQL's name; UTF-8 when it is not known, as Debezium. */
export function charsetOf(name: string | null): Charset {
  const lower = name?.toLowerCase() ?? 'utf8mb4';
  const found = known.get(lower);
  if (found !== undefined) return found;
  const charset = makeCharset(lower);
  known.set(lower, charset);
  return charset;
}

function makeCharset(name: string): Charset {
  const multi = MULTI_BYTE[name];
  if (multi !== undefined) {
    const [encoding, widthMax] = multi;
    return {
      name,
      widthMax,
      isUtf8: false,
      decode: multiByteDecoder(name, encoding),
      table: null,
    };
  }
  const characters = charactersOf(name);
  if (characters === null) return UTF8;
  return {
    name,
    widthMax: 1,
    isUtf8: false,
    decode: (bytes, start, end) => {
      let text = '';
      for (let index = start; index < end; index++) text += characters[bytes[index] ?? 0] ?? '';
      return text;
    },
    table: characters.map((character) => Buffer.from(JSON.stringify(character).slice(1, -1))),
  };
}

function charactersOf(name: string): readonly string[] | null {
  if (name === 'swe7') return Array.from(SWE7);
  const upper = UPPER_HALVES[name];
  if (upper === undefined) return null;
  return [
    ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
    ...Array.from(upper),
  ];
}

/**
 * Which character set a collation has, by its number: ranges of those of MySQL 9.7 and MariaDB 10.11, which agree where
 * both have one.
 */
const RANGES: readonly (readonly [first: number, last: number, charset: string])[] = [
  [101, 124, 'utf16'],
  [128, 159, 'ucs2'],
  [160, 191, 'utf32'],
  [192, 223, 'utf8mb3'],
  [224, 247, 'utf8mb4'],
  [248, 250, 'gb18030'],
  [255, 323, 'utf8mb4'],
  [576, 607, 'utf8mb3'],
  [608, 639, 'utf8mb4'],
  [640, 671, 'ucs2'],
  [672, 703, 'utf16'],
  [736, 767, 'utf32'],
  [2048, 2303, 'utf8mb3'],
  [2304, 2559, 'utf8mb4'],
  [2560, 2815, 'ucs2'],
  [2816, 3071, 'utf16'],
  [3072, 3327, 'utf32'],
];

/** Those below 101, by their charset. */
const LOW: Readonly<Record<string, readonly number[]>> = {
  big5: [1, 84],
  latin2: [2, 9, 21, 27, 77],
  dec8: [3, 69],
  cp850: [4, 80],
  latin1: [5, 8, 15, 31, 47, 48, 49, 94],
  hp8: [6, 72],
  koi8r: [7, 74],
  swe7: [10, 82],
  ascii: [11, 65],
  ujis: [12, 91],
  sjis: [13, 88],
  cp1251: [14, 23, 50, 51, 52],
  hebrew: [16, 71],
  tis620: [18, 89],
  euckr: [19, 85],
  latin7: [20, 41, 42, 79],
  koi8u: [22, 75],
  gb2312: [24, 86],
  greek: [25, 70],
  cp1250: [26, 34, 44, 66, 99],
  gbk: [28, 87],
  cp1257: [29, 58, 59],
  latin5: [30, 78],
  armscii8: [32, 64],
  utf8mb3: [33, 76, 83],
  ucs2: [35, 90],
  cp866: [36, 68],
  keybcs2: [37, 73],
  macce: [38, 43],
  macroman: [39, 53],
  cp852: [40, 81],
  utf8mb4: [45, 46],
  utf16: [54, 55],
  utf16le: [56, 62],
  cp1256: [57, 67],
  utf32: [60, 61],
  binary: [63],
  geostd8: [92, 93],
  cp932: [95, 96],
  eucjpms: [97, 98],
};

const LOW_BY_NUMBER: ReadonlyMap<number, string> = new Map(
  Object.entries(LOW).flatMap(([charset, numbers]) =>
    numbers.map((number) => [number, charset] as const),
  ),
);

/** MariaDB's collations without padding have their sister's number and this. */
const NO_PAD = 1024;
export const BINARY_COLLATION = 63;

/** null: not known. */
export function charsetOfCollation(collation: number): string | null {
  const number = collation > NO_PAD && collation < 2 * NO_PAD ? collation - NO_PAD : collation;
  return (
    LOW_BY_NUMBER.get(number) ??
    RANGES.find(([first, last]) => first <= number && number <= last)?.[2] ??
    null
  );
}
