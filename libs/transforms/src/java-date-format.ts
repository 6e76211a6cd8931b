import { daysOf } from '@millrace/record';
import { badSettings } from './errors.ts';

/** Letters of a pattern, or text as it is. */
type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly letter: string; readonly width: number };

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const LETTERS = 'GyYMLwWDdFEuaHkKhmsSzZX';
/** Fields that say nothing which the others don't say better; they are written but not read. */
const WRITE_ONLY = 'YwWFu';
const DAY_MS = 86_400_000;
const SHORT_TEXT = 3;

/**
 * Java's `SimpleDateFormat`, in English and UTC: what `TimestampConverter` and `TimestampRouter` take. Reading is lenient
 * as Java's: the 32nd of a month is the first of the next one, and text after the match is ignored.
 */
export class JavaDateFormat {
  readonly pattern: string;
  readonly #parts: readonly Part[];

  /** @throws MillraceError for a pattern that Java refuses */
  constructor(pattern: string) {
    this.pattern = pattern;
    this.#parts = parsePattern(pattern);
  }

  format(date: Date): string {
    return this.#parts
      .map((part) =>
        part.kind === 'text' ? part.text : formatField(part.letter, part.width, date),
      )
      .join('');
  }

  /** undefined when the text does not match. */
  parse(text: string): Date | undefined {
    const fields = new ParsedFields();
    let position = 0;
    for (const [index, part] of this.#parts.entries()) {
      if (part.kind === 'text') {
        if (!text.startsWith(part.text, position)) return undefined;
        position += part.text.length;
        continue;
      }
      const next = this.#parts[index + 1];
      // "yyyyMMdd": digits that follow one another are told apart by their count.
      const isAbutting = next?.kind === 'field' && isNumeric(next.letter, next.width);
      const end = readField(text, position, part.letter, part.width, isAbutting, fields);
      if (end === undefined) return undefined;
      position = end;
    }
    return fields.date();
  }
}

function parsePattern(pattern: string): readonly Part[] {
  const parts: Part[] = [];
  const addText = (text: string): void => {
    const last = parts.at(-1);
    if (last?.kind === 'text') parts[parts.length - 1] = { kind: 'text', text: last.text + text };
    else parts.push({ kind: 'text', text });
  };
  for (let position = 0; position < pattern.length;) {
    const letter = pattern[position] ?? '';
    if (letter === "'") {
      const end = quoteEnd(pattern, position);
      const quoted = pattern.slice(position + 1, end).replaceAll("''", "'");
      addText(quoted === '' ? "'" : quoted);
      position = end + 1;
    } else if (/[A-Za-z]/.test(letter)) {
      if (!LETTERS.includes(letter))
        throw badPattern(pattern, `Illegal pattern character '${letter}'`);
      let end = position + 1;
      while (pattern[end] === letter) end++;
      const width = end - position;
      if (letter === 'X' && width > SHORT_TEXT)
        throw badPattern(pattern, `invalid ISO 8601 format: length=${width}`);
      parts.push({ kind: 'field', letter, width });
      position = end;
    } else {
      addText(letter);
      position++;
    }
  }
  return parts;
}

function quoteEnd(pattern: string, start: number): number {
  if (pattern[start + 1] === "'") return start + 1;
  for (let end = start + 1; end < pattern.length; end++) {
    if (pattern[end] !== "'") continue;
    if (pattern[end + 1] !== "'") return end;
    end++;
  }
  throw badPattern(pattern, 'Unterminated quote');
}

function badPattern(pattern: string, problem: string): Error {
  return badSettings(
    `a SimpleDateFormat-compatible pattern is required for string timestamps: ${pattern}: ${problem}`,
  );
}

function isNumeric(letter: string, width: number): boolean {
  if (letter === 'M' || letter === 'L') return width < SHORT_TEXT;
  return !'GEazZX'.includes(letter);
}

function formatField(letter: string, width: number, date: Date): string {
  const number = (value: number): string => String(value).padStart(width, '0');
  const hour = date.getUTCHours();
  switch (letter) {
    case 'G':
      return date.getUTCFullYear() > 0 ? 'AD' : 'BC';
    case 'y':
    case 'Y':
      return yearText(letter === 'y' ? eraYear(date.getUTCFullYear()) : weekYear(date), width);
    case 'M':
    case 'L':
      if (width < SHORT_TEXT) return number(date.getUTCMonth() + 1);
      return nameOf(MONTHS, date.getUTCMonth(), width);
    case 'w':
      return number(weekOfYear(date));
    case 'W':
      return number(Math.floor((date.getUTCDate() + 6 - date.getUTCDay() + 6) / 7));
    case 'D':
      return number(dayOfYear(date));
    case 'd':
      return number(date.getUTCDate());
    case 'F':
      return number(Math.floor((date.getUTCDate() - 1) / 7) + 1);
    case 'E':
      return nameOf(WEEKDAYS, date.getUTCDay(), width);
    case 'u':
      return number(date.getUTCDay() === 0 ? 7 : date.getUTCDay());
    case 'a':
      return hour < 12 ? 'AM' : 'PM';
    case 'H':
      return number(hour);
    case 'k':
      return number(hour === 0 ? 24 : hour);
    case 'K':
      return number(hour % 12);
    case 'h':
      return number(hour % 12 === 0 ? 12 : hour % 12);
    case 'm':
      return number(date.getUTCMinutes());
    case 's':
      return number(date.getUTCSeconds());
    case 'S':
      return number(date.getUTCMilliseconds());
    case 'z':
      return width > SHORT_TEXT ? 'Coordinated Universal Time' : 'UTC';
    case 'Z':
      return '+0000';
    default:
      return 'Z'; // X in UTC
  }
}

function eraYear(year: number): number {
  return year > 0 ? year : 1 - year;
}

function yearText(year: number, width: number): string {
  const text = String(year);
  return width === 2 ? text.padStart(2, '0').slice(-2) : text.padStart(width, '0');
}

function nameOf(names: readonly string[], index: number, width: number): string {
  const name = names[index] ?? '';
  return width > SHORT_TEXT ? name : name.slice(0, SHORT_TEXT);
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS) + 1;
}

/** Weeks begin on Sunday, and the first one holds the first of January, as Java's in English. */
function weekOfYear(date: Date): number {
  const firstDay = new Date(Date.UTC(date.getUTCFullYear(), 0, 1)).getUTCDay();
  const isNextYears = date.getUTCMonth() === 11 && date.getUTCDate() - date.getUTCDay() + 6 > 31;
  return isNextYears ? 1 : Math.floor((dayOfYear(date) - 1 + firstDay) / 7) + 1;
}

function weekYear(date: Date): number {
  const year = date.getUTCFullYear();
  return date.getUTCMonth() === 11 && weekOfYear(date) === 1 ? year + 1 : year;
}

class ParsedFields {
  year = 1970;
  isBeforeChrist = false;
  month = 1;
  day = 1;
  dayOfYear: number | undefined;
  hour = 0;
  halfDayHour: number | undefined;
  isAfternoon = false;
  minute = 0;
  second = 0;
  milli = 0;
  offsetMinutes = 0;

  date(): Date | undefined {
    const year = this.isBeforeChrist ? 1 - this.year : this.year;
    const monthIndex = this.month - 1;
    const days =
      this.dayOfYear === undefined
        ? daysOf(year + Math.floor(monthIndex / 12), (((monthIndex % 12) + 12) % 12) + 1, 1) +
          this.day -
          1
        : daysOf(year, 1, 1) + this.dayOfYear - 1;
    const hour =
      this.halfDayHour === undefined ? this.hour : this.halfDayHour + (this.isAfternoon ? 12 : 0);
    const minutes = hour * 60 + this.minute - this.offsetMinutes;
    const date = new Date(days * DAY_MS + minutes * 60_000 + this.second * 1000 + this.milli);
    return Number.isNaN(date.getTime()) ? undefined : date;
  }
}

/** Where the field ends; undefined when there is none. */
function readField(
  text: string,
  start: number,
  letter: string,
  width: number,
  isAbutting: boolean,
  fields: ParsedFields,
): number | undefined {
  if (WRITE_ONLY.includes(letter))
    throw badSettings(`texts can't be read by pattern letter '${letter}'`);
  switch (letter) {
    case 'G':
      return readName(text, start, ['AD', 'BC'], (index) => (fields.isBeforeChrist = index === 1));
    case 'E':
      return readName(text, start, [...WEEKDAYS, ...short(WEEKDAYS)], () => undefined);
    case 'a':
      return readName(text, start, ['AM', 'PM'], (index) => (fields.isAfternoon = index === 1));
    case 'z':
    case 'Z':
    case 'X':
      return readZone(text, start, letter, width, fields);
    case 'M':
    case 'L':
      if (width >= SHORT_TEXT)
        return readName(
          text,
          start,
          [...MONTHS, ...short(MONTHS)],
          (index) => (fields.month = (index % 12) + 1),
        );
      break;
    default:
  }
  // Java skips blanks before a number.
  const pattern = isAbutting ? new RegExp(`[ \\t]*(-?\\d{1,${width}})`, 'y') : /[ \t]*(-?\d+)/y;
  pattern.lastIndex = start;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const digits = match[1] ?? '';
  setNumber(letter, Number(digits), letter === 'y' && width <= 2 && /^\d\d$/.test(digits), fields);
  return pattern.lastIndex;
}

function setNumber(
  letter: string,
  value: number,
  isShortYear: boolean,
  fields: ParsedFields,
): void {
  switch (letter) {
    case 'y':
      fields.year = isShortYear ? fullYear(value) : value;
      break;
    case 'M':
    case 'L':
      fields.month = value;
      break;
    case 'd':
      fields.day = value;
      break;
    case 'D':
      fields.dayOfYear = value;
      break;
    case 'H':
      fields.hour = value;
      break;
    case 'k':
      fields.hour = value === 24 ? 0 : value;
      break;
    case 'K':
      fields.halfDayHour = value;
      break;
    case 'h':
      fields.halfDayHour = value === 12 ? 0 : value;
      break;
    case 'm':
      fields.minute = value;
      break;
    case 's':
      fields.second = value;
      break;
    default:
      fields.milli = value; // S
  }
}

/** Two digits are a year within 80 years before and 20 years after the present century's start, as near as need be. */
function fullYear(twoDigits: number): number {
  return twoDigits < 46 ? 2000 + twoDigits : 1900 + twoDigits;
}

function short(names: readonly string[]): readonly string[] {
  return names.map((name) => name.slice(0, SHORT_TEXT));
}

/** The longest name that stands here, in any case. */
function readName(
  text: string,
  start: number,
  names: readonly string[],
  take: (index: number) => unknown,
): number | undefined {
  const here = text.slice(start).toLowerCase();
  const index = names.findIndex((name) => here.startsWith(name.toLowerCase()));
  if (index < 0) return undefined;
  take(index);
  return start + (names[index]?.length ?? 0);
}

const ZONES: Readonly<Record<string, RegExp>> = {
  z: /(?:UTC|GMT|UT|Z)(?:([+-])(\d{1,2}):?(\d\d)?)?|([+-])(\d\d):?(\d\d)/iy,
  Z: /([+-])(\d\d)(\d\d)|(?:UTC|GMT|UT)(?:([+-])(\d{1,2}):?(\d\d)?)?/iy,
  X1: /Z|([+-])(\d\d)/y,
  X2: /Z|([+-])(\d\d)(\d\d)/y,
  X3: /Z|([+-])(\d\d):(\d\d)/y,
};

function readZone(
  text: string,
  start: number,
  letter: string,
  width: number,
  fields: ParsedFields,
): number | undefined {
  const pattern = ZONES[letter === 'X' ? `X${width}` : letter];
  if (pattern === undefined) return undefined;
  pattern.lastIndex = start;
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const sign = match[1] ?? match[4];
  const hours = Number(match[2] ?? match[5] ?? 0);
  const minutes = Number(match[3] ?? match[6] ?? 0);
  fields.offsetMinutes = (sign === '-' ? -1 : 1) * (hours * 60 + minutes);
  return pattern.lastIndex;
}
