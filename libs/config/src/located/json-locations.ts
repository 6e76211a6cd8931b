import type { LocatedConfig } from './located-config.ts';
import { lineCounter, Locations } from './locations.ts';

/** RFC 8259, token by token: white space, then one of these. */
const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;
/** INV-6: deeper nesting is no configuration. */
const DEPTH_MAX = 100;

class JsonProblem extends Error {
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

interface Token {
  readonly kind: 'mark' | 'text' | 'other' | 'end';
  readonly source: string;
  readonly start: number;
}

/** `JSON.parse` with the line of each key; it tells that a key is there twice, and where the syntax is broken. */
export function locateJson(text: string): LocatedConfig {
  const locations = new Locations();
  const lineOf = lineCounter(text);
  try {
    new JsonReader(text, locations, lineOf).readDocument();
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    locations.problem(lineOf(error.position), error.message);
  }
  return locations.found;
}

class JsonReader {
  readonly #text: string;
  readonly #locations: Locations;
  readonly #lineOf: (position: number) => number;
  #position = 0;
  #ahead: Token | undefined;

  constructor(text: string, locations: Locations, lineOf: (position: number) => number) {
    this.#text = text;
    this.#locations = locations;
    this.#lineOf = lineOf;
  }

  readDocument(): void {
    const first = this.#peek();
    if (first.source !== '{')
      throw new JsonProblem(first.start, 'an object of keys and values is expected');
    this.#readObject([], 0);
    const rest = this.#next();
    if (rest.kind !== 'end') throw unexpected(rest, 'the end of the file');
  }

  #readObject(path: readonly string[], depth: number): void {
    if (depth > DEPTH_MAX) throw new JsonProblem(this.#position, 'objects are nested too deeply');
    this.#next();
    for (let token = this.#next(); token.source !== '}'; token = this.#next()) {
      if (token.kind !== 'text') throw unexpected(token, 'a key in double quotes, or "}"');
      this.#readEntry(path, token, depth);
      const separator = this.#next();
      if (separator.source === '}') return;
      if (separator.source !== ',') throw unexpected(separator, '"," or "}"');
      if (this.#peek().source === '}') throw unexpected(this.#peek(), 'a key after the comma');
    }
  }

  #readEntry(outer: readonly string[], key: Token, depth: number): void {
    const path = [...outer, String(JSON.parse(key.source))];
    const line = this.#lineOf(key.start);
    const colon = this.#next();
    if (colon.source !== ':') throw unexpected(colon, '":"');
    if (this.#peek().source === '{') {
      this.#locations.section(path, line);
      this.#readObject(path, depth + 1);
    } else this.#locations.add(path, this.#readValue(depth), line);
  }

  #readValue(depth: number): unknown {
    const token = this.#peek();
    if (token.source === '[') return this.#readList(depth + 1);
    this.#next();
    if (token.kind === 'text' || token.kind === 'other') return JSON.parse(token.source);
    throw unexpected(token, 'a value');
  }

  /** Objects in lists have no keys of a configuration; their text is kept. */
  #readList(depth: number): readonly unknown[] {
    if (depth > DEPTH_MAX) throw new JsonProblem(this.#position, 'lists are nested too deeply');
    this.#next();
    const items: unknown[] = [];
    if (this.#peek().source === ']') {
      this.#next();
      return items;
    }
    for (;;) {
      if (this.#peek().source === '{')
        throw unexpected(this.#peek(), 'text, numbers or booleans in a list');
      items.push(this.#readValue(depth));
      const separator = this.#next();
      if (separator.source === ']') return items;
      if (separator.source !== ',') throw unexpected(separator, '"," or "]"');
    }
  }

  #peek(): Token {
    this.#ahead ??= this.#read();
    return this.#ahead;
  }

  #next(): Token {
    const token = this.#peek();
    this.#ahead = undefined;
    return token;
  }

  #read(): Token {
    TOKEN.lastIndex = this.#position;
    const match = TOKEN.exec(this.#text);
    if (match === null) return this.#readBroken();
    this.#position = TOKEN.lastIndex;
    const [, mark, text, other] = match;
    const source = mark ?? text ?? other ?? '';
    const kind = mark !== undefined ? 'mark' : text !== undefined ? 'text' : 'other';
    return { kind, source, start: this.#position - source.length };
  }

  /** The end, or what is no JSON: a text that is not closed is told from other characters. */
  #readBroken(): Token {
    const start = this.#text.slice(this.#position).search(/[^ \t\r\n]/);
    if (start < 0) return { kind: 'end', source: '', start: this.#text.trimEnd().length };
    const position = this.#position + start;
    const character = this.#text.charAt(position);
    throw new JsonProblem(
      position,
      character === '"'
        ? 'the text in double quotes is not closed, or holds a line break or a wrong escape'
        : `unexpected ${JSON.stringify(character)}`,
    );
  }
}

/** Texts and numbers are not repeated: the next one may be a password whose comma is missing. */
function unexpected({ kind, source, start }: Token, expected: string): JsonProblem {
  const found = {
    end: 'the file ends',
    mark: `found ${source}`,
    text: 'found text',
    other: 'found a value',
  };
  return new JsonProblem(start, `${expected} is expected, but ${found[kind]}`);
}
