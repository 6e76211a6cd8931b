/** Sets of characters, as classes of JavaScript's `v` mode that can stand alone or within another class. */
const LINE_ENDS = '\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}';
const BLANKS = ' \\t\\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}';
const WHITE_SPACE = ' \\t\\n\\v\\f\\r';

/** What a letter behind a backslash stands for; the capital letter for all others. ASCII alone, as in Java. */
const BY_LETTER: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z_0-9',
  s: WHITE_SPACE,
  h: BLANKS,
  v: LINE_ENDS,
};

const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\u{0}-\\u{7f}',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\u{21}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{60}\\u{7b}-\\u{7e}',
  Graph: '\\u{21}-\\u{7e}',
  Print: '\\u{20}-\\u{7e}',
  Blank: ' \\t',
  Cntrl: '\\u{0}-\\u{1f}\\u{7f}',
  XDigit: '0-9a-fA-F',
  Space: WHITE_SPACE,
  L1: '\\u{0}-\\u{ff}',
  LD: '\\p{L}\\p{Nd}',
  all: '\\u{0}-\\u{10ffff}',
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaAlphabetic: '\\p{Alphabetic}',
  javaLetter: '\\p{L}',
  javaDigit: '\\p{Nd}',
  javaLetterOrDigit: '\\p{L}\\p{Nd}',
};

/** Java's names behind `Is` that JavaScript has under another name. */
const BINARY: Readonly<Record<string, string>> = {
  Letter: 'L',
  Titlecase: 'Lt',
  Punctuation: 'P',
  Control: 'Cc',
  Digit: 'Nd',
};

/** The class that `\d`, `\W` and the like stand for; undefined for other letters. */
export function setOfLetter(letter: string): string | undefined {
  const inner = BY_LETTER[letter.toLowerCase()];
  if (inner === undefined || letter === '') return undefined;
  return letter === letter.toLowerCase() ? `[${inner}]` : `[^${inner}]`;
}

/** The class of `\p{name}`, or of all others; undefined when Java or JavaScript has none of that name. */
export function setOfProperty(
  name: string,
  isNegated: boolean,
  isAnyCase: boolean,
): string | undefined {
  const posix = isAnyCase && /^(?:Lower|Upper)$/u.test(name) ? POSIX['Alpha'] : POSIX[name];
  const inner = posix ?? unicodeProperty(name);
  return inner === undefined ? undefined : `[${isNegated ? '^' : ''}${inner}]`;
}

function unicodeProperty(name: string): string | undefined {
  const [, prefix, value] = /^(sc|script|gc|general_category)=(\w+)$/iu.exec(name) ?? [];
  if (prefix !== undefined && value !== undefined)
    return firstKnown([`${/^s/iu.test(prefix) ? 'Script' : 'General_Category'}=${value}`]);
  if (!name.startsWith('Is')) return firstKnown([`General_Category=${name}`]);
  const bare = name.slice(2);
  const binary = BINARY[bare];
  return firstKnown([...(binary === undefined ? [] : [binary]), bare, `Script=${bare}`]);
}

function firstKnown(properties: readonly string[]): string | undefined {
  return properties.map((property) => `\\p{${property}}`).find(isKnown);
}

function isKnown(property: string): boolean {
  try {
    return new RegExp(property, 'v').source !== '';
  } catch {
    return false; // it has no such property
  }
}
