import { translate } from './translate.ts';

/**
 * A pattern as Java's `java.util.regex` reads it. What JavaScript can't do is refused, never taken for something else:
 * possessive quantifiers, atomic groups, `\G`, `\X`, blocks of Unicode.
 * @throws SyntaxError
 */
export function javaRegex(pattern: string, flags: '' | 'i' = ''): RegExp {
  return new RegExp(translate(pattern, flags), 'v');
}

/** The same for the whole of a text. */
export function wholeRegex(pattern: string, flags: '' | 'i' = ''): RegExp {
  return new RegExp(`^(?:${translate(pattern, flags)})$`, 'v');
}
