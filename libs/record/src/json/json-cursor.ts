import { notJson } from '../errors.ts';
import { NumberText } from './exact-number.ts';

/** As Jackson's limit. */
const DEPTH_MAX = 1000;
/** Digits that every double keeps. */
const SAFE_DIGITS = 15;
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Names of members seen before, so that a name which comes back is not made, hashed and looked up again. */
const NAMES = 512;

/**
 * Reads a JSON text from left to right without changing numbers (INV-8). Who knows what comes next asks for it
 * (`takes`, `value`), and goes back if it did not; `document` reads whatever there is. One cursor reads any number of texts, one after another.
 * Every method throws MillraceError `record.not_json`, with the place, for what is no JSON.
 */
export class JsonCursor {
  readonly #exactDecimals: boolean;
  readonly #names = new Array<string>(NAMES).fill('');
  #text = '';
  #position = 0;
  #depth = 0;

  /** `exactDecimals` keeps fractions that a double may round, as `NumberText`. */
  constructor(exactDecimals: boolean) {
    this.#exactDecimals = exactDecimals;
  }

  open(text: string): void {
    this.#text = text;
    this.#position = 0;
    this.#depth = 0;
  }

  /** Lets go of the text. */
  close(): void {
    this.#text = '';
  }

  document(text: string): unknown {
    this.open(text);
    const value = this.value();
    this.end();
    return value;
  }

  /** @throws when something is left */
  end(): void {
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#unexpected();
  }

  /** Where in the text the next call begins; to go back there by `goTo`. */
  get position(): number {
    return this.#position;
  }

  goTo(position: number): void {
    this.#position = position;
  }

  /** Moves behind `part` if it comes next, character by character. */
  takes(part: string): boolean {
    if (!this.#text.startsWith(part, this.#position)) return false;
    this.#position += part.length;
    return true;
  }

  /** Moves behind `sign`, one character, and the white space before it. */
  expects(sign: string): void {
    this.#expect(sign.charCodeAt(0));
  }

  /** Whatever stands here, white space before it or not. */
  value(): unknown {
    this.#skipSpace();
    switch (this.#text.charCodeAt(this.#position)) {
      case OPEN_OBJECT:
        return this.#object();
      case OPEN_ARRAY:
        return this.#array();
      case QUOTE:
        return this.#string();
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      case 0x6e:
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(): unknown {
    const object: Record<string, unknown> = {};
    this.#enter();
    if (!this.#take(CLOSE_OBJECT)) {
      do {
        this.#skipSpace();
        const name = this.#name();
        this.#expect(COLON);
        const value = this.value();
        if (name === '__proto__') setOwn(object, name, value);
        else object[name] = value;
      } while (this.#take(COMMA));
      this.#expect(CLOSE_OBJECT);
    }
    this.#depth--;
    return object;
  }

  #array(): unknown {
    const items: unknown[] = [];
    this.#enter();
    if (!this.#take(CLOSE_ARRAY)) {
      do items.push(this.value());
      while (this.#take(COMMA));
      this.#expect(CLOSE_ARRAY);
    }
    this.#depth--;
    return items;
  }

  #enter(): void {
    this.#position++;
    if (++this.#depth > DEPTH_MAX) throw notJson(`nested deeper than ${DEPTH_MAX} levels`);
  }

  #name(): string {
    const text = this.#text;
    const start = this.#position + 1;
    const first = text.charCodeAt(start);
    const place =
      (first * 31 + text.charCodeAt(start + 2) * 7 + text.charCodeAt(start + 4)) % NAMES;
    const known = this.#names[place] ?? '';
    const end = start + known.length;
    if (
      known !== '' &&
      text.charCodeAt(end) === QUOTE &&
      text.charCodeAt(start - 1) === QUOTE &&
      text.startsWith(known, start)
    ) {
      this.#position = end + 1;
      return known;
    }
    const name = this.#string();
    // Only as it stands in the text: one with escapes is not found again by its characters.
    if (this.#position - start - 1 === name.length && name.length < 64) this.#names[place] = name;
    return name;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#position;
    const { length } = text;
    if (text.charCodeAt(start) !== QUOTE) throw this.#unexpected();
    for (let end = start + 1; end < length; end++) {
      const code = text.charCodeAt(end);
      if (code === QUOTE) {
        this.#position = end + 1;
        return text.slice(start + 1, end);
      }
      if (code === BACKSLASH || code < 0x20) return this.#escaped(start, end);
    }
    this.#position = length;
    throw this.#unexpected();
  }

  /** A string with escapes: the built-in parser knows them all, and refuses what must not be there. */
  #escaped(start: number, from: number): string {
    const text = this.#text;
    let end = from;
    for (let code = text.charCodeAt(end); end < text.length && code !== QUOTE;) {
      end += code === BACKSLASH ? 2 : 1;
      code = text.charCodeAt(end);
    }
    try {
      const parsed: unknown = JSON.parse(text.slice(start, end + 1));
      if (typeof parsed === 'string') {
        this.#position = end + 1;
        return parsed;
      }
    } catch {
      // Reported below, with the place.
    }
    throw this.#unexpected();
  }

  #number(): unknown {
    const text = this.#text;
    const start = this.#position;
    const isNegative = text.charCodeAt(start) === MINUS;
    let end = isNegative ? start + 1 : start;
    const digitsFrom = end;
    let number = 0;
    for (;;) {
      const digit = text.charCodeAt(end) - ZERO;
      // NaN, at the end of the text, is no digit either.
      if (!(digit >= 0 && digit <= 9)) break;
      number = number * 10 + digit;
      end++;
    }
    const code = text.charCodeAt(end);
    const isWhole = code !== 0x2e && code !== 0x65 && code !== 0x45;
    if (end === digitsFrom) throw this.#unexpected();
    if (!isWhole) return this.#fraction();
    this.#position = end;
    if (end - digitsFrom <= SAFE_DIGITS) return isNegative ? -number : number;
    const literal = text.slice(start, end);
    const rounded = Number(literal);
    return Number.isSafeInteger(rounded) ? rounded : BigInt(literal);
  }

  /** A number with a fraction or an exponent; what is none after all ends before its point. */
  #fraction(): unknown {
    NUMBER.lastIndex = this.#position;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#unexpected();
    this.#position = NUMBER.lastIndex;
    const literal = match[0];
    const number = Number(literal);
    if (match[1] === undefined && match[2] === undefined)
      return Number.isSafeInteger(number) ? number : BigInt(literal);
    if (this.#exactDecimals) return new NumberText(literal);
    if (!Number.isFinite(number)) throw notJson(`the number ${literal} is too large for a double`);
    return number;
  }

  #word(word: string, value: unknown): unknown {
    if (!this.#text.startsWith(word, this.#position)) throw this.#unexpected();
    this.#position += word.length;
    return value;
  }

  #take(code: number): boolean {
    if (this.#text.charCodeAt(this.#position) !== code) {
      this.#skipSpace();
      if (this.#text.charCodeAt(this.#position) !== code) return false;
    }
    this.#position++;
    return true;
  }

  #expect(code: number): void {
    if (!this.#take(code)) throw this.#unexpected();
  }

  #skipSpace(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#position++;
    }
  }

  #unexpected(): Error {
    const found = this.#text[this.#position];
    return notJson(
      found === undefined
        ? 'the JSON text ends too early'
        : `unexpected ${JSON.stringify(found)} at character ${this.#position} of the JSON text`,
    );
  }
}

function setOwn(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
