import { setOfLetter, setOfProperty } from './char-sets.ts';
import { NO_FLAGS, withFlags, type Flags } from './flags.ts';
import { literal, range } from './literals.ts';

/** The pattern as JavaScript's `v` mode writes it, without any flag but that. */
export function translate(pattern: string, flags: '' | 'i'): string {
  const initial = flags === 'i' ? { ...NO_FLAGS, isAnyCase: true } : NO_FLAGS;
  return new Translation(pattern, initial).whole();
}

const LINE_ENDS = '\\n\\r\\u{85}\\u{2028}\\u{2029}';
const LINE_BREAK = `(?:\\r\\n|[${LINE_ENDS}\\v\\f])`;
/** The end of the text, or the line end that is the last in it. */
const LAST_END = `(?=(?:\\r\\n|[${LINE_ENDS}])?$)`;
const PLACE = /^(?:\^|\$|\\b|\(\?[=!<])/iu;
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };

/** What stands behind a backslash: one character, or a piece of pattern ready to be written. */
type Escape = { readonly character: number } | { readonly set: string } | { readonly raw: string };

class Translation {
  readonly #characters: readonly string[];
  #at = 0;
  #flags: Flags;
  #groupCount = 0;
  readonly #groupNames = new Set<string>();

  constructor(pattern: string, flags: Flags) {
    this.#characters = Array.from(pattern);
    this.#flags = flags;
  }

  whole(): string {
    const text = this.#alternatives();
    if (this.#at < this.#characters.length) throw this.#error("Unmatched closing ')'");
    return text;
  }

  /** Up to the end of the group, whose flags end with it. */
  #alternatives(): string {
    const outside = this.#flags;
    let text = '';
    for (;;) {
      this.#skipComments();
      const next = this.#peek();
      if (next === undefined || next === ')') break;
      if (next === '|') {
        this.#at++;
        text += '|';
      } else if (this.#startsWith('\\Q')) {
        const quoted = this.#quoted(false);
        text += quoted + this.#quantifier(quoted !== '');
      } else {
        const atom = this.#atom(next);
        const quantifier = this.#quantifier(atom !== '');
        // JavaScript does not repeat places.
        text +=
          quantifier !== '' && PLACE.test(atom) ? `(?:${atom})${quantifier}` : atom + quantifier;
      }
    }
    this.#flags = outside;
    return text;
  }

  #atom(next: string): string {
    this.#at++;
    switch (next) {
      case '(':
        return this.#group();
      case '[':
        return this.#class();
      case '.':
        if (this.#flags.isDotAll) return '[\\s\\S]';
        return this.#flags.isUnixLines ? '[^\\n]' : `[^${LINE_ENDS}]`;
      case '^':
        return this.#flags.isMultiline ? `(?<![^${LINE_ENDS}])` : '^';
      case '$':
        return this.#flags.isMultiline ? `(?=[${LINE_ENDS}]|$)` : LAST_END;
      case '*':
      case '+':
      case '?':
        throw this.#error(`Dangling meta character '${next}'`);
      case '{':
        throw this.#error('Illegal repetition');
      case '\\': {
        const escape = this.#escape(false);
        if ('raw' in escape) return escape.raw;
        return 'set' in escape ? escape.set : literal(escape.character, this.#flags);
      }
      default:
        return literal(codeOf(next), this.#flags);
    }
  }

  #quantifier(hasAtom: boolean): string {
    this.#skipComments();
    const next = this.#peek();
    let text = '';
    if (next === '*' || next === '+' || next === '?') {
      text = next;
      this.#at++;
    } else if (next === '{') {
      const [counts] = /^\{\d+(?:,\d*)?\}/u.exec(this.#rest(24)) ?? [];
      if (counts === undefined) throw this.#error('Illegal repetition');
      text = counts;
      this.#at += counts.length;
    } else return '';
    if (!hasAtom) throw this.#error(`Dangling meta character '${text.slice(0, 1)}'`);
    if (this.#peek() === '+')
      throw this.#error('Possessive quantifiers are not supported: leave the second + out');
    if (this.#peek() !== '?') return text;
    this.#at++;
    return `${text}?`;
  }

  #group(): string {
    if (this.#peek() !== '?') {
      this.#groupCount++;
      return `(${this.#groupBody()}`;
    }
    const [, on = '', off = '', end] =
      /^\?([a-zA-Z]*)(?:-([a-zA-Z]*))?([:\)])/u.exec(this.#rest(24)) ?? [];
    if (end !== undefined) return this.#flagGroup(on, off, end);
    const [start, name] = /^\?(?:[=!]|<[=!]|<([a-zA-Z][a-zA-Z0-9]*)>)/u.exec(this.#rest(200)) ?? [];
    if (start === undefined)
      throw this.#error(
        this.#startsWith('?>')
          ? 'Atomic groups are not supported: write (?: instead of (?>'
          : 'Unknown inline modifier',
      );
    this.#at += start.length;
    if (name !== undefined) {
      if (this.#groupNames.has(name))
        throw this.#error(`Named capturing group <${name}> is already defined`);
      this.#groupNames.add(name);
      this.#groupCount++;
    }
    return `(${start}${this.#groupBody()}`;
  }

  /** `(?i)` holds up to the end of the group that it is in, `(?i:…)` within itself. */
  #flagGroup(on: string, off: string, end: string): string {
    const flags = withFlags(this.#flags, on, off);
    if (flags === undefined) throw this.#error('Unknown inline modifier');
    this.#at += this.#rest(24).indexOf(end) + 1;
    const outside = this.#flags;
    this.#flags = flags;
    if (end === ')') return '';
    const text = `(?:${this.#groupBody()}`;
    this.#flags = outside;
    return text;
  }

  #groupBody(): string {
    const body = this.#alternatives();
    if (this.#peek() !== ')') throw this.#error('Unclosed group');
    this.#at++;
    return `${body})`;
  }

  /** A class, behind its bracket: unions and intersections of characters, ranges and other classes. */
  #class(): string {
    const isNegated = this.#peek() === '^';
    if (isNegated) this.#at++;
    const parts: string[] = [''];
    for (let isFirst = true; ; isFirst = false) {
      this.#skipComments();
      const next = this.#peek();
      if (next === undefined) throw this.#error('Unclosed character class');
      let item = '';
      if (next === ']' && !isFirst) {
        this.#at++;
        break;
      }
      if (this.#startsWith('&&')) {
        this.#at += 2;
        parts.push('');
        continue;
      }
      if (this.#startsWith('\\Q')) item = this.#quoted(true);
      else if (next === '[') {
        this.#at++;
        item = this.#class();
      } else item = this.#classItem();
      parts.push((parts.pop() ?? '') + item);
    }
    const used = parts.filter((part) => part !== '');
    const inner = used.length > 1 ? used.map((part) => `[${part}]`).join('&&') : (used[0] ?? '');
    return `[${isNegated ? '^' : ''}${inner}]`;
  }

  /** A character, a range, or a set like `\d`. */
  #classItem(): string {
    const first = this.#classCharacter();
    if (typeof first === 'string') return first;
    if (this.#peek() !== '-' || /^-(?:[\[\]]|&&|$)/u.test(this.#rest(3)))
      return literal(first, this.#flags, true);
    this.#at++;
    const last = this.#classCharacter();
    if (typeof last === 'string' || last < first) throw this.#error('Illegal character range');
    return range(first, last, this.#flags);
  }

  #classCharacter(): number | string {
    const next = this.#take();
    if (next !== '\\') return codeOf(next);
    const escape = this.#escape(true);
    if ('raw' in escape) throw this.#error('Illegal/unsupported escape sequence');
    return 'set' in escape ? escape.set : escape.character;
  }

  /** From `\Q` to `\E`, or to the end: each character as it is. */
  #quoted(isInClass: boolean): string {
    this.#at += 2;
    let text = '';
    for (;;) {
      if (this.#startsWith('\\E')) {
        this.#at += 2;
        break;
      }
      const next = this.#peek();
      if (next === undefined) break;
      this.#at++;
      text += literal(codeOf(next), this.#flags, isInClass);
    }
    return text;
  }

  #escape(isInClass: boolean): Escape {
    const letter = this.#take();
    const set = setOfLetter(letter);
    if (set !== undefined) return { set };
    const control = CONTROLS[letter];
    if (control !== undefined) return { character: control };
    switch (letter) {
      case 'p':
      case 'P':
        return { set: this.#property(letter === 'P') };
      case '0':
        return { character: this.#number(/^(?:[0-3][0-7]{2}|[0-7]{1,2})/u, 8) };
      case 'x':
        if (this.#peek() === '{') return { character: this.#braced() };
        return { character: this.#number(/^[0-9a-fA-F]{2}/u, 16) };
      case 'u':
        return { character: this.#unicode() };
      case 'c':
        return { character: codeOf(this.#take()) ^ 64 };
      default:
    }
    if (!/[a-zA-Z1-9]/u.test(letter)) return { character: codeOf(letter) };
    if (isInClass) throw this.#error('Illegal/unsupported escape sequence');
    return { raw: this.#rawEscape(letter) };
  }

  /** What stands for a place or for a group. */
  #rawEscape(letter: string): string {
    switch (letter) {
      case 'b':
      case 'B':
        return `\\${letter}`;
      case 'A':
        return '^';
      case 'z':
        return '$';
      case 'Z':
        return LAST_END;
      case 'R':
        return LINE_BREAK;
      case 'k': {
        const [text, name = ''] = /^<([a-zA-Z][a-zA-Z0-9]*)>/u.exec(this.#rest(200)) ?? [];
        if (text === undefined || !this.#groupNames.has(name))
          throw this.#error(`named capturing group <${name}> does not exist`);
        this.#at += text.length;
        return `\\k<${name}>`;
      }
      default:
    }
    if (/[1-9]/u.test(letter)) return this.#backReference(Number(letter));
    throw this.#error(`Illegal/unsupported escape sequence \\${letter}`);
  }

  /** As many digits as there are groups for. */
  #backReference(first: number): string {
    let group = first;
    for (;;) {
      const longer = group * 10 + Number(/^\d/u.exec(this.#peek() ?? '')?.[0] ?? Number.NaN);
      if (!(longer <= this.#groupCount)) break;
      group = longer;
      this.#at++;
    }
    return group > this.#groupCount ? '(?!)' : `(?:\\${group})`;
  }

  #property(isNegated: boolean): string {
    const [text = '', short, long] = /^(?:([A-Z])|\{([^\}]+)\})/u.exec(this.#rest(100)) ?? [];
    const name = short ?? long ?? '';
    const set = setOfProperty(name, isNegated, this.#flags.isAnyCase);
    if (set === undefined) throw this.#error(`Unknown or unsupported character property {${name}}`);
    this.#at += text.length;
    return set;
  }

  #braced(): number {
    const [text, digits = ''] = /^\{([0-9a-fA-F]{1,6})\}/u.exec(this.#rest(9)) ?? [];
    const code = Number.parseInt(digits, 16);
    if (text === undefined || code > 0x10ffff)
      throw this.#error('Illegal hexadecimal escape sequence');
    this.#at += text.length;
    return code;
  }

  /** Two escapes of surrogates are one character. */
  #unicode(): number {
    const first = this.#number(/^[0-9a-fA-F]{4}/u, 16);
    const [text, low = ''] = /^\\u(d[c-f][0-9a-f]{2})/iu.exec(this.#rest(6)) ?? [];
    if (first < 0xd800 || first > 0xdbff || text === undefined) return first;
    this.#at += text.length;
    return ((first - 0xd800) << 10) + (Number.parseInt(low, 16) - 0xdc00) + 0x10000;
  }

  #number(digits: RegExp, radix: number): number {
    const [text] = digits.exec(this.#rest(4)) ?? [];
    if (text === undefined) throw this.#error('Illegal escape sequence');
    this.#at += text.length;
    return Number.parseInt(text, radix);
  }

  #skipComments(): void {
    if (!this.#flags.hasComments) return;
    for (;;) {
      const next = this.#peek();
      if (next === undefined) return;
      if (next === '#') while (!['\n', '\r', undefined].includes(this.#peek())) this.#at++;
      else if (/[ \t\n\v\f\r]/u.test(next)) this.#at++;
      else return;
    }
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #take(): string {
    const next = this.#characters[this.#at];
    if (next === undefined) throw this.#error('Unexpected internal error');
    this.#at++;
    return next;
  }

  #rest(count: number): string {
    return this.#characters.slice(this.#at, this.#at + count).join('');
  }

  #startsWith(text: string): boolean {
    return this.#rest(text.length) === text;
  }

  #error(problem: string): SyntaxError {
    return new SyntaxError(`${problem} near index ${this.#at}`);
  }
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
