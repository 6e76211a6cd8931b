/** Words, strings and punctuation of a .proto file; comments are passed over. */
export class ProtoReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    this.#skip();
    return this.#position >= this.#text.length;
  }

  /** The next character that is no space, without passing it; empty at the end. */
  peek(): string {
    this.#skip();
    return this.#text[this.#position] ?? '';
  }

  take(): string {
    const character = this.peek();
    if (character === '') throw this.problem('unexpected end of file');
    this.#position++;
    return character;
  }

  /** Passes the character if it is the next one. */
  accept(character: string): boolean {
    if (this.peek() !== character) return false;
    this.#position++;
    return true;
  }

  expect(character: string): void {
    if (!this.accept(character)) throw this.problem(`expected '${character}'`);
  }

  /** Letters, digits, `_`, `-`, `+` and `.`. */
  word(): string {
    const found = this.#match(/[A-Za-z0-9_.+-]+/y);
    if (found === undefined) throw this.problem('expected a word');
    return found;
  }

  /** A word, in parentheses or brackets or not. */
  name(): string {
    const opened = this.peek();
    const close = { '(': ')', '[': ']' }[opened];
    if (close === undefined) return this.word();
    this.take();
    const name = this.#match(/[A-Za-z0-9_.+\-/]+/y);
    if (name === undefined) throw this.problem('expected a name');
    this.expect(close);
    return name;
  }

  /** A type: maps as `map<K, V>`. */
  type(first = this.word()): string {
    if (first !== 'map' || this.peek() !== '<') return first;
    this.take();
    const key = this.type();
    this.expect(',');
    const value = this.type();
    this.expect('>');
    return `map<${key}, ${value}>`;
  }

  integer(): number {
    const word = this.word();
    const number = /^-?0[0-7]+$/.test(word) ? parseInt(word, 8) : Number(word);
    if (!Number.isInteger(number)) throw this.problem(`expected an integer but was ${word}`);
    return number;
  }

  /** One string, or several in a row that are meant as one. */
  string(): string {
    let text = '';
    do text += this.#quoted();
    while (this.peek() === '"' || this.peek() === "'");
    return text;
  }

  #quoted(): string {
    const quote = this.take();
    if (quote !== '"' && quote !== "'") throw this.problem('expected a string');
    let text = '';
    for (;;) {
      const character = this.#text[this.#position++];
      if (character === undefined || character === '\n') throw this.problem('unterminated string');
      if (character === quote) return text;
      text += character === '\\' ? this.#escape() : character;
    }
  }

  #escape(): string {
    const coded =
      this.#matchHere(/[xX][0-9a-fA-F]{1,2}/y)?.slice(1) ??
      this.#matchHere(/u[0-9a-fA-F]{4}/y)?.slice(1);
    if (coded !== undefined) return String.fromCharCode(parseInt(coded, 16));
    const octal = this.#matchHere(/[0-7]{1,3}/y);
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
    const character = this.#text[this.#position++] ?? '';
    return ESCAPES[character] ?? character;
  }

  #skip(): void {
    this.#matchHere(/(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y);
  }

  #match(pattern: RegExp): string | undefined {
    this.#skip();
    return this.#matchHere(pattern);
  }

  #matchHere(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  problem(what: string): Error {
    const before = this.#text.slice(0, this.#position).split('\n');
    return new Error(
      `Could not parse Protobuf - Syntax error in :${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${what}`,
    );
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
