import { CHAR_MAX, charSet, type CharSet } from './char-set.ts';
import { parseClass, parseEscape } from './parse-class.ts';
import type { PatternText } from './pattern-text.ts';
import { PatternProblem, type Node } from './syntax.ts';

/** RE2's bound of `{n,m}`. */
const REPEAT_MAX = 1000;
/** RE2's bound of nesting. */
const DEPTH_MAX = 1000;

export interface Flags {
  readonly ignoresCase: boolean;
  readonly isMultiLine: boolean;
  readonly dotTakesNewline: boolean;
}

/** RE2's syntax: everything that can be matched in linear time, hence no look-around and no references back. */
export function parsePattern(text: PatternText): Node {
  const parser = new Parser(text);
  const node = parser.choice(0);
  if (!text.isAtEnd) throw new PatternProblem('unexpected )');
  return node;
}

class Parser {
  readonly #text: PatternText;
  #flags: Flags = { ignoresCase: false, isMultiLine: false, dotTakesNewline: false };

  constructor(text: PatternText) {
    this.#text = text;
  }

  choice(depth: number): Node {
    if (depth > DEPTH_MAX) throw new PatternProblem('expression nests too deeply');
    const parts = [this.#sequence(depth)];
    while (this.#text.take('|')) parts.push(this.#sequence(depth));
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'choice', parts };
  }

  #sequence(depth: number): Node {
    const text = this.#text;
    const parts: Node[] = [];
    while (!text.isAtEnd && !text.isAt('|') && !text.isAt(')')) {
      if (text.take('\\Q')) {
        for (const char of text.until('\\E')) parts.push(this.#literal(char));
        const last = parts.pop();
        if (last !== undefined) parts.push(this.#repeated(last));
        continue;
      }
      const atom = this.#atom(depth);
      if (atom !== undefined) parts.push(this.#repeated(atom));
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'sequence', parts };
  }

  #repeated(atom: Node): Node {
    const text = this.#text;
    const counts = this.#repetition();
    if (counts === undefined) return atom;
    text.take('?'); // lazy or not, the same names match
    if (this.#repetition() !== undefined)
      throw new PatternProblem('invalid nested repetition operator');
    return { kind: 'repeat', part: atom, ...counts };
  }

  #repetition(): { readonly min: number; readonly max: number } | undefined {
    const text = this.#text;
    if (text.take('*')) return { min: 0, max: Infinity };
    if (text.take('+')) return { min: 1, max: Infinity };
    if (text.take('?')) return { min: 0, max: 1 };
    const match = text.match(/\{(\d{1,9})(?:(,)(\d{0,9}))?\}/y);
    if (match === undefined) return undefined;
    const [, least = '', comma, most] = match;
    const min = Number(least);
    const max = comma === undefined ? min : most === '' ? Infinity : Number(most);
    if (min > REPEAT_MAX || (max !== Infinity && max > REPEAT_MAX) || max < min)
      throw new PatternProblem('invalid repeat count');
    return { min, max };
  }

  /** Undefined for what stands for nothing by itself, such as `(?i)`. */
  #atom(depth: number): Node | undefined {
    const text = this.#text;
    const char = text.next();
    switch (char) {
      case '(':
        return this.#group(depth);
      case '[':
        return this.#char(parseClass(text));
      case '.':
        return this.#char(
          this.#flags.dotTakesNewline
            ? charSet([[0, CHAR_MAX]])
            : charSet([[0x0a, 0x0a]], { isNegated: true }),
        );
      case '^':
        return { kind: 'place', place: this.#flags.isMultiLine ? 'line-start' : 'text-start' };
      case '$':
        return { kind: 'place', place: this.#flags.isMultiLine ? 'line-end' : 'text-end' };
      case '*':
      case '+':
      case '?':
        throw new PatternProblem('missing argument to repetition operator');
      case '\\':
        return this.#escape();
      default:
        return this.#literal(char);
    }
  }

  #escape(): Node {
    const text = this.#text;
    if (text.isAtEnd) throw new PatternProblem('trailing backslash at end of expression');
    if (text.take('A')) return { kind: 'place', place: 'text-start' };
    if (text.take('z')) return { kind: 'place', place: 'text-end' };
    if (text.take('b')) return { kind: 'place', place: 'word-border' };
    if (text.take('B')) return { kind: 'place', place: 'no-word-border' };
    if (text.take('C')) return this.#char(charSet([[0, CHAR_MAX]]));
    const escape = parseEscape(text);
    return this.#char(typeof escape === 'number' ? charSet([[escape, escape]]) : escape);
  }

  #group(depth: number): Node | undefined {
    const text = this.#text;
    const before = this.#flags;
    if (text.take('?')) {
      const named = text.match(/P?<([A-Za-z0-9_]+)>/y);
      if (named === undefined && !text.take(':')) return this.#flagGroup(depth);
    }
    return this.#groupBody(depth, before);
  }

  /** `(?i)` to the end of the group that it is in, `(?i:...)` for its own. */
  #flagGroup(depth: number): Node | undefined {
    const text = this.#text;
    const before = this.#flags;
    const match = text.match(/([imsU]*)(?:-([imsU]+))?([:)])/y);
    if (match === undefined || match[0] === ')')
      throw new PatternProblem('invalid or unsupported Perl syntax');
    const [, on = '', off = '', end] = match;
    this.#flags = withFlags(withFlags(before, on, true), off, false);
    return end === ')' ? undefined : this.#groupBody(depth, before);
  }

  #groupBody(depth: number, flagsAfter: Flags): Node {
    const node = this.choice(depth + 1);
    if (!this.#text.take(')')) throw new PatternProblem('missing closing )');
    this.#flags = flagsAfter;
    return node;
  }

  #literal(char: string): Node {
    const code = char.codePointAt(0) ?? 0;
    return this.#char(charSet([[code, code]]));
  }

  #char(set: CharSet): Node {
    return {
      kind: 'char',
      set: this.#flags.ignoresCase ? { ...set, ignoresCase: true } : set,
    };
  }
}

function withFlags(flags: Flags, names: string, value: boolean): Flags {
  return {
    ignoresCase: names.includes('i') ? value : flags.ignoresCase,
    isMultiLine: names.includes('m') ? value : flags.isMultiLine,
    dotTakesNewline: names.includes('s') ? value : flags.dotTakesNewline,
  };
}
