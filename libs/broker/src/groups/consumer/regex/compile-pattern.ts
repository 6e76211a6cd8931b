import { unreachable } from '@millrace/foundation';
import { PERL_CLASSES, takes, type CharSet } from './char-set.ts';
import { parsePattern } from './parse-pattern.ts';
import { PatternText } from './pattern-text.ts';
import { PatternProblem, type Node, type Place } from './syntax.ts';

/** INV-6: steps of a compiled pattern, which bound the time for each character of a name. */
const STEPS_MAX = 2000;
/** The same for patterns that look at word or line borders, whose work is not remembered. */
const BORDER_STEPS_MAX = 300;
/** INV-6: sets of threads that are remembered, with where each character leads. */
const STATES_MAX = 500;

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

/** Threads at these steps, and the states that characters lead to: computed once for all names. */
interface State {
  readonly threads: readonly number[];
  readonly isMatch: boolean;
  readonly next: Map<number, State>;
}

/** Thompson's construction: steps that a set of threads walks through, character by character. */
class Program implements Pattern {
  readonly #steps: Step[] = [];
  readonly #states = new Map<string, State>();
  #hasBorders = false;
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
    this.#hasBorders = this.#steps.some(
      (step) => step.kind === 'place' && step.place !== 'text-start' && step.place !== 'text-end',
    );
    if (this.#hasBorders && this.#steps.length > BORDER_STEPS_MAX) throw tooLarge();
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
    let state = this.#state(this.#follow([0], chars, 0));
    for (const [index, char] of chars.entries()) {
      const isLast = index === chars.length - 1;
      // The end of the text is all that a place can see beyond the character, but for borders.
      const key = char * 2 + Number(isLast);
      let next = this.#hasBorders ? undefined : state.next.get(key);
      if (next === undefined) {
        next = this.#state(this.#follow(this.#take(state, char), chars, index + 1));
        state.next.set(key, next);
      }
      if (next.threads.length === 0) return false;
      state = next;
    }
    return state.isMatch;
  }

  #take(state: State, char: number): number[] {
    const taken: number[] = [];
    for (const at of state.threads) {
      const step = this.#steps[at];
      if (step?.kind === 'char' && takes(step.set, char)) taken.push(at + 1);
    }
    return taken;
  }

  #state(threads: readonly number[]): State {
    const key = threads.join();
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    if (this.#states.size >= STATES_MAX) this.#states.clear();
    const isMatch = threads.some((at) => this.#steps[at]?.kind === 'match');
    const state: State = { threads, isMatch, next: new Map() };
    if (!this.#hasBorders) this.#states.set(key, state);
    return state;
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
