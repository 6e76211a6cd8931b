import { compilePattern } from './regex/compile-pattern.ts';

/** The topics that the whole of the pattern matches, in order. Throws for a pattern that was not checked. */
export function matchTopics(regex: string, names: Iterable<string>): readonly string[] {
  const pattern = compilePattern(regex);
  return [...names].filter((name) => pattern.matches(name)).sort();
}
