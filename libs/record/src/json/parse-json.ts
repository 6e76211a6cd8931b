import { notJson } from '../errors.ts';

/** A number whose digits a double can't hold; only for schemas with exact decimals. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** As Jackson's limit. */
const DEPTH_MAX = 1000;
/** Integers beyond 2^53, or exponents that may overflow: the built-in parser would change them. */
const MAY_LOSE_DIGITS = /(?<![\d.])\d{16}|[eE]\+?\d{3}/;
/** The same where fractions must be exact, of which a double keeps 15 digits. */
const MAY_LOSE_DECIMALS = /[\d.]{16}|\d[eE]/;

/**
 * Parses JSON without changing numbers (INV-8): integers that are not safe become bigints. `exactDecimals` also keeps
 * fractions that a double would round, as `NumberText`. The built-in parser does the work when it can't do harm.
 * @throws MillraceError `record.not_json`
 */
export function parseJson(text: string, exactDecimals: boolean): unknown {
  if (!(exactDecimals ? MAY_LOSE_DECIMALS : MAY_LOSE_DIGITS).test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // Parsed again below: leading zeros are accepted, as Connect does, and the message names the place.
    }
  }
  return new ExactParser(text, exactDecimals).document();
}

class ExactParser {
  readonly #text: string;
  readonly #exactDecimals: boolean;
  #position = 0;
  #depth = 0;

  constructor(text: string, exactDecimals: boolean) {
    this.#text = text;
    this.#exactDecimals = exactDecimals;
  }

  document(): unknown {
    const value = this.#value();
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#unexpected();
    return value;
  }

  #value(): unknown {
    this.#skipSpace();
    switch (this.#text[this.#position]) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(): unknown {
    const entries: [string, unknown][] = [];
    this.#enter();
    if (!this.#take('}')) {
      do {
        this.#skipSpace();
        const key = this.#string();
        this.#expect(':');
        entries.push([key, this.#value()]);
      } while (this.#take(','));
      this.#expect('}');
    }
    this.#depth--;
    return Object.fromEntries(entries);
  }

  #array(): unknown {
    const items: unknown[] = [];
    this.#enter();
    if (!this.#take(']')) {
      do items.push(this.#value());
      while (this.#take(','));
      this.#expect(']');
    }
    this.#depth--;
    return items;
  }

  #enter(): void {
    this.#position++;
    if (++this.#depth > DEPTH_MAX) throw notJson(`nested deeper than ${DEPTH_MAX} levels`);
  }

  #string(): string {
    const start = this.#position;
    if (this.#text[start] !== '"') throw this.#unexpected();
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"')
      end += this.#text[end] === '\\' ? 2 : 1;
    this.#position = Math.min(end + 1, this.#text.length);
    try {
      const parsed: unknown = JSON.parse(this.#text.slice(start, end + 1));
      if (typeof parsed === 'string') return parsed;
    } catch {
      // Reported below, with the place.
    }
    this.#position = start;
    throw this.#unexpected();
  }

  #number(): unknown {
    const pattern = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.#unexpected();
    this.#position = pattern.lastIndex;
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

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#unexpected();
  }

  #skipSpace(): void {
    while (' \t\n\r'.includes(this.#text[this.#position] ?? '.')) this.#position++;
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
