import type { CharSet } from './char-set.ts';

export type Place =
  'text-start' | 'text-end' | 'line-start' | 'line-end' | 'word-border' | 'no-word-border';

export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'char'; readonly set: CharSet }
  | { readonly kind: 'place'; readonly place: Place }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly parts: readonly Node[] }
  /** `max` is Infinity for no limit. */
  | { readonly kind: 'repeat'; readonly part: Node; readonly min: number; readonly max: number };

/** What is wrong with a pattern, in RE2's words. */
export class PatternProblem extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'PatternProblem';
  }
}
