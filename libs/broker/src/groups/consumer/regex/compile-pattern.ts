import { unreachable } from '@millrace/foundation';
import { PERL_CLASSES, takes, type CharSet } from './char-set.ts';
import { parsePattern } from './parse-pattern.ts';
import { PatternText } from './pattern-text.ts';
import { PatternProblem, type Node, type Place } from './syntax.ts';

/** INV-6: steps of a compiled pattern, which bound the time for each character of a name. */
const STEPS_MAX = 2000;

/** A pattern that takes or refuses whole names, in time linear to their length: it never goes back. */
export interface Pattern {
  matches(name: string): boolean;
}

/** Throws `PatternProblem`. */
export function compilePattern(regex: string): Pattern {
  const program = new Program();
  program.add(parsePattern(new PatternText(regex)));
  program.finish();
  return program;
}

/** What is wrong with the pattern; undefined when it can be used. */
export function findPatternProblem(regex: string): string | undefined {
  try {
    compilePattern(regex);
    return undefined;
  } catch (error) {
    if (error instanceof PatternProblem) return error.message;
    throw error;
  }
}

type Step =
  | { readonly kind: 'char'; readonly set: CharSet }
  | { readonly kind: 'place'; readonly place: Place }
  /** Goes on at all of these steps at once. */
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'match' };

/** Thompson's construction: steps that a set of threads walks through, character by character. */
class Program implements Pattern {
  readonly #steps: Step[] = [];
  #added = 0;

  add(node: Node): void {
    // Repetitions of nothing make no steps, but take time as well.
    this.#added += 1;
    if (this.#added > 4 * STEPS_MAX) throw tooLarge();
    switch (node.kind) {
      case 'empty':
        return;
      case 'char':
      case 'place':
        this.#push(node);
        return;
      case 'sequence':
        for (const part of node.parts) this.add(part);
        return;
      case 'choice':
        this.#addChoice(node.parts);
        return;
      case 'repeat':
        this.#addRepeat(node.part, node.min, node.max);
        return;
      default:
        unreachable(node);
    }
  }

  finish(): void {
    this.#push({ kind: 'match' });
  }

  #push(step: Step): number {
    if (this.#steps.length >= STEPS_MAX) throw tooLarge();
    return this.#steps.push(step) - 1;
  }

  #fork(): number[] {
    const to: number[] = [];
    this.#push({ kind: 'fork', to });
    return to;
  }

  #addChoice(parts: readonly Node[]): void {
    const begin = this.#fork();
    const ends: number[][] = [];
    for (const part of parts) {
      begin.push(this.#steps.length);
      this.add(part);
      ends.push(this.#fork());
    }
    for (const end of ends) end.push(this.#steps.length);
  }

  #addRepeat(part: Node, min: number, max: number): void {
    for (let count = 0; count < min; count += 1) this.add(part);
    if (max === Infinity) {
      const at = this.#steps.length;
      const loop = this.#fork();
      loop.push(this.#steps.length);
      this.add(part);
      this.#fork().push(at);
      loop.push(this.#steps.length);
      return;
    }
    const skips: number[][] = [];
    for (let count = min; count < max; count += 1) {
      const skip = this.#fork();
      skip.push(this.#steps.length);
      skips.push(skip);
      this.add(part);
    }
    for (const skip of skips) skip.push(this.#steps.length);
  }

  matches(name: string): boolean {
    const chars = Array.from(name, (char) => char.codePointAt(0) ?? 0);
    let threads = this.#follow([0], chars, 0);
    for (const [index, char] of chars.entries()) {
      const next: number[] = [];
      for (const at of threads) {
        const step = this.#steps[at];
        if (step?.kind === 'char' && takes(step.set, char)) next.push(at + 1);
      }
      if (next.length === 0) return false;
      threads = this.#follow(next, chars, index + 1);
    }
    return threads.some((at) => this.#steps[at]?.kind === 'match');
  }

  /** The steps reached without taking a character, each once. */
  #follow(starts: readonly number[], chars: readonly number[], position: number): number[] {
    const seen = new Set<number>();
    const reached: number[] = [];
    const pending = [...starts].reverse();
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const step = this.#steps[at];
      if (step === undefined) continue;
      if (step.kind === 'fork') pending.push(...step.to);
      else if (step.kind !== 'place') reached.push(at);
      else if (isAtPlace(step.place, chars, position)) pending.push(at + 1);
    }
    return reached;
  }
}

function tooLarge(): PatternProblem {
  return new PatternProblem('expression too large');
}

const NEWLINE = 0x0a;

function isAtPlace(place: Place, chars: readonly number[], position: number): boolean {
  switch (place) {
    case 'text-start':
      return position === 0;
    case 'text-end':
      return position === chars.length;
    case 'line-start':
      return position === 0 || chars[position - 1] === NEWLINE;
    case 'line-end':
      return position === chars.length || chars[position] === NEWLINE;
    case 'word-border':
      return isWord(chars[position - 1]) !== isWord(chars[position]);
    case 'no-word-border':
      return isWord(chars[position - 1]) === isWord(chars[position]);
    default:
      return unreachable(place);
  }
}

function isWord(char: number | undefined): boolean {
  const word = PERL_CLASSES.get('w');
  return char !== undefined && word !== undefined && takes(word, char);
}
