/** Steps over JSON as it stands in a message: compact, without white space between its parts. -1: it is not that. */

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const DEPTH_MAX = 64;
/** Whole digits that no double overflows by. */
const DIGITS_MAX = 300;

/** Where the value that begins at `at` ends. */
export function endOfValue(json: Uint8Array, at: number, depth = 0): number {
  const first = json[at];
  switch (first) {
    case QUOTE:
      return endOfString(json, at);
    case OPEN_OBJECT:
      return depth === DEPTH_MAX ? -1 : endOfObject(json, at, depth + 1);
    case OPEN_ARRAY:
      return depth === DEPTH_MAX ? -1 : endOfArray(json, at, depth + 1);
    case 0x74:
      return endOfWord(json, at, 'true');
    case 0x66:
      return endOfWord(json, at, 'false');
    case 0x6e:
      return endOfWord(json, at, 'null');
    default:
      return endOfNumber(json, at);
  }
}

/** Of a string with its quotes. */
export function endOfString(json: Uint8Array, at: number): number {
  if (json[at] !== QUOTE) return -1;
  for (let end = at + 1; ; end++) {
    const byte = json[end];
    if (byte === QUOTE) return end + 1;
    if (byte === undefined || byte < 0x20) return -1;
    if (byte !== BACKSLASH) continue;
    end++;
    const escape = json[end];
    if (escape === 0x75) {
      if (codeUnit(json, end + 1) < 0) return -1;
      end += 4;
    } else if (!isEscape(escape)) return -1;
  }
}

/** The four hexadecimal digits of `\uXXXX`. */
export function codeUnit(json: Uint8Array, at: number): number {
  let code = 0;
  for (let index = 0; index < 4; index++) {
    const byte = json[at + index] ?? 0;
    const lower = byte | 0x20;
    if (byte >= ZERO && byte <= NINE) code = code * 16 + byte - ZERO;
    else if (lower >= 0x61 && lower <= 0x66) code = code * 16 + lower - 0x57;
    else return -1;
  }
  return code;
}

function isEscape(byte: number | undefined): boolean {
  switch (byte) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return true;
    default:
      return false;
  }
}

function endOfObject(json: Uint8Array, at: number, depth: number): number {
  if (json[at + 1] === CLOSE_OBJECT) return at + 2;
  for (let end = at + 1; ; end++) {
    end = endOfString(json, end);
    if (end < 0 || json[end] !== COLON) return -1;
    end = endOfValue(json, end + 1, depth);
    if (end < 0) return -1;
    if (json[end] === CLOSE_OBJECT) return end + 1;
    if (json[end] !== COMMA) return -1;
  }
}

function endOfArray(json: Uint8Array, at: number, depth: number): number {
  if (json[at + 1] === CLOSE_ARRAY) return at + 2;
  for (let end = at + 1; ; end++) {
    end = endOfValue(json, end, depth);
    if (end < 0) return -1;
    if (json[end] === CLOSE_ARRAY) return end + 1;
    if (json[end] !== COMMA) return -1;
  }
}

function endOfWord(json: Uint8Array, at: number, word: string): number {
  for (let index = 0; index < word.length; index++)
    if (json[at + index] !== word.charCodeAt(index)) return -1;
  return at + word.length;
}

function endOfNumber(json: Uint8Array, at: number): number {
  const from = json[at] === MINUS ? at + 1 : at;
  let end = endOfDigits(json, from);
  if (end === from || end - from > DIGITS_MAX) return -1;
  if (json[from] === ZERO && end - from > 1) return -1;
  if (json[end] === POINT) {
    const fraction = end + 1;
    end = endOfDigits(json, fraction);
    if (end === fraction) return -1;
  }
  const byte = json[end];
  if (byte !== 0x65 && byte !== 0x45) return end;
  const sign = json[end + 1];
  const exponent = sign === MINUS || sign === 0x2b ? end + 2 : end + 1;
  end = endOfDigits(json, exponent);
  if (end === exponent) return -1;
  // What no double holds is an error, which only who reads values reports.
  return Number.isFinite(Number(textOf(json, at, end))) ? end : -1;
}

function endOfDigits(json: Uint8Array, at: number): number {
  let end = at;
  for (;;) {
    const byte = json[end];
    if (byte === undefined || byte < ZERO || byte > NINE) return end;
    end++;
  }
}

export function isAt(json: Uint8Array, at: number, part: Uint8Array): boolean {
  for (let index = 0; index < part.length; index++)
    if (json[at + index] !== part[index]) return false;
  return true;
}

export function textOf(json: Uint8Array, start: number, end: number): string {
  return Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString('utf8', start, end);
}

/** The members of an object that begins at `at`, in order; undefined when there is more to it than plain names. */
export function membersOf(
  json: Uint8Array,
  at: number,
): { readonly members: readonly Member[]; readonly end: number } | undefined {
  if (json[at] !== OPEN_OBJECT) return undefined;
  if (json[at + 1] === CLOSE_OBJECT) return { members: [], end: at + 2 };
  const members: Member[] = [];
  for (let nameAt = at + 1; ;) {
    const nameEnd = endOfString(json, nameAt);
    if (nameEnd < 0 || json[nameEnd] !== COLON) return undefined;
    const end = endOfValue(json, nameEnd + 1);
    if (end < 0) return undefined;
    const name = textOf(json, nameAt + 1, nameEnd - 1);
    if (!isPlainName(name) || members.some((member) => member.name === name)) return undefined;
    members.push({ name, start: nameEnd + 1, end });
    if (json[end] === CLOSE_OBJECT) return { members, end: end + 1 };
    if (json[end] !== COMMA) return undefined;
    nameAt = end + 1;
  }
}

export interface Member {
  readonly name: string;
  /** Where its value starts and ends. */
  readonly start: number;
  readonly end: number;
}

/** One that stands as it is, and that keeps its place in an object. */
function isPlainName(name: string): boolean {
  return !name.includes('\\') && !/^\d+$/.test(name) && !(name in Object.prototype);
}
