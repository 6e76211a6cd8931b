import { javaDecimal, javaDouble, JsonNumber, type Json } from './json.ts';

/** As Jackson's, deep enough for any schema that a person wrote (INV-6). */
const DEPTH_MAX = 1000;

/** The text is not JSON; the message says where. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

export interface ParseOptions {
  /** Whether `1.50` stays as written, as JSON Schemas have it, or is a double, as Avro schemas have it. */
  readonly keepsDecimals?: boolean;
}

/** @throws JsonSyntaxError */
export function parseJson(text: string, { keepsDecimals = false }: ParseOptions = {}): Json {
  const reader = new JsonReader(text, keepsDecimals);
  const value = reader.value(0);
  reader.end();
  return value;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"((?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*)"/y;
const SPACE = /[ \t\r\n]*/y;

class JsonReader {
  readonly #text: string;
  readonly #keepsDecimals: boolean;
  #position = 0;

  constructor(text: string, keepsDecimals: boolean) {
    this.#text = text;
    this.#keepsDecimals = keepsDecimals;
  }

  value(depth: number): Json {
    if (depth > DEPTH_MAX) throw this.#problem(`nested deeper than ${DEPTH_MAX} levels`);
    this.#match(SPACE);
    const first = this.#text[this.#position];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    if (first === 't') return this.#word('true', true);
    if (first === 'f') return this.#word('false', false);
    if (first === 'n') return this.#word('null', null);
    return this.#number();
  }

  end(): void {
    this.#match(SPACE);
    if (this.#position < this.#text.length) throw this.#problem('unexpected text after the end');
  }

  #object(depth: number): Json {
    const members = new Map<string, Json>();
    this.#position++;
    if (this.#closes('}')) return members;
    do {
      this.#match(SPACE);
      const name = this.#string();
      if (!this.#closes(':')) throw this.#problem('expected ":"');
      members.set(name, this.value(depth + 1));
    } while (this.#closes(','));
    if (!this.#closes('}')) throw this.#problem('expected "," or "}"');
    return members;
  }

  #array(depth: number): Json {
    const items: Json[] = [];
    this.#position++;
    if (this.#closes(']')) return items;
    do items.push(this.value(depth + 1));
    while (this.#closes(','));
    if (!this.#closes(']')) throw this.#problem('expected "," or "]"');
    return items;
  }

  #string(): string {
    const literal = this.#match(STRING);
    if (literal === undefined) throw this.#problem('expected a string in double quotes');
    return JSON.parse(literal) as string; // the pattern lets nothing else through
  }

  #number(): JsonNumber {
    const literal = this.#match(NUMBER);
    if (literal === undefined || literal === '') throw this.#problem('expected a value');
    if (/[.eE]/.test(literal)) {
      const printed = this.#keepsDecimals ? javaDecimal(literal) : javaDouble(Number(literal));
      return new JsonNumber(printed, false);
    }
    return new JsonNumber(literal === '-0' ? '0' : literal, true);
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#position)) throw this.#problem('expected a value');
    this.#position += word.length;
    return value;
  }

  /** Whether the next character is this one, which is then passed. */
  #closes(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  #problem(problem: string): JsonSyntaxError {
    const before = this.#text.slice(0, this.#position).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return new JsonSyntaxError(`${problem} at line ${before.length}, column ${column}`);
  }
}
