/** A pattern with a place in it where it is being read. */
export class PatternText {
  readonly whole: string;
  #position = 0;

  constructor(whole: string) {
    this.whole = whole;
  }

  get position(): number {
    return this.#position;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.whole.length;
  }

  get rest(): string {
    return this.whole.slice(this.#position);
  }

  between(start: number, end: number): string {
    return this.whole.slice(start, end);
  }

  isAt(text: string): boolean {
    return this.whole.startsWith(text, this.#position);
  }

  take(text: string): boolean {
    if (!this.isAt(text)) return false;
    this.#position += text.length;
    return true;
  }

  /** One character, outside the BMP too. Not at the end. */
  next(): string {
    const char = String.fromCodePoint(this.whole.codePointAt(this.#position) ?? 0);
    this.#position += char.length;
    return char;
  }

  /** The characters before `end`, which is passed over, or all that are left. */
  until(end: string): string {
    const found = this.whole.indexOf(end, this.#position);
    const stop = found < 0 ? this.whole.length : found;
    const text = this.whole.slice(this.#position, stop);
    this.#position = found < 0 ? stop : stop + end.length;
    return text;
  }

  /** By a sticky expression without loops over loops, so that reading a pattern takes linear time. */
  match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#position;
    const match = expression.exec(this.whole);
    if (match === null) return undefined;
    this.#position += match[0].length;
    return match;
  }
}
