/** Which characters (code points) one place of a pattern takes. */
export interface CharSet {
  /** Inclusive. */
  readonly ranges: readonly (readonly [number, number])[];
  /** Tests of single characters: classes of Unicode. */
  readonly tests: readonly ((char: number) => boolean)[];
  readonly isNegated: boolean;
  readonly ignoresCase: boolean;
}

export function charSet(
  ranges: CharSet['ranges'],
  options: Partial<Omit<CharSet, 'ranges'>> = {},
): CharSet {
  return { ranges, tests: [], isNegated: false, ignoresCase: false, ...options };
}

export function takes(set: CharSet, char: number): boolean {
  return isIn(set, char) !== set.isNegated;
}

function isIn(set: CharSet, char: number): boolean {
  if (isInPlain(set, char)) return true;
  if (!set.ignoresCase) return false;
  const text = String.fromCodePoint(char);
  const lower = text.toLowerCase().codePointAt(0);
  const upper = text.toUpperCase().codePointAt(0);
  return (
    (lower !== undefined && lower !== char && isInPlain(set, lower)) ||
    (upper !== undefined && upper !== char && isInPlain(set, upper))
  );
}

function isInPlain({ ranges, tests }: CharSet, char: number): boolean {
  for (const [first, last] of ranges) if (char >= first && char <= last) return true;
  for (const test of tests) if (test(char)) return true;
  return false;
}

export const CHAR_MAX = 0x10_ffff;
const DIGIT = [[0x30, 0x39]] as const;
const SPACE = [
  [0x09, 0x0a],
  [0x0c, 0x0d],
  [0x20, 0x20],
] as const;
const WORD = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
] as const;

/** `\d` and its like, as RE2 has them: of ASCII only. */
export const PERL_CLASSES: ReadonlyMap<string, CharSet> = new Map([
  ['d', charSet(DIGIT)],
  ['D', charSet(DIGIT, { isNegated: true })],
  ['s', charSet(SPACE)],
  ['S', charSet(SPACE, { isNegated: true })],
  ['w', charSet(WORD)],
  ['W', charSet(WORD, { isNegated: true })],
]);

const PUNCTUATION = [
  [0x21, 0x2f],
  [0x3a, 0x40],
  [0x5b, 0x60],
  [0x7b, 0x7e],
] as const;

/** `[:alpha:]` and its like. */
export const POSIX_CLASSES: ReadonlyMap<string, CharSet['ranges']> = new Map<
  string,
  CharSet['ranges']
>([
  ['alnum', [...DIGIT, [0x41, 0x5a], [0x61, 0x7a]]],
  [
    'alpha',
    [
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  ['ascii', [[0, 0x7f]]],
  [
    'blank',
    [
      [0x09, 0x09],
      [0x20, 0x20],
    ],
  ],
  [
    'cntrl',
    [
      [0, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ['digit', DIGIT],
  ['graph', [[0x21, 0x7e]]],
  ['lower', [[0x61, 0x7a]]],
  ['print', [[0x20, 0x7e]]],
  ['punct', PUNCTUATION],
  ['space', [...SPACE, [0x0b, 0x0b]]],
  ['upper', [[0x41, 0x5a]]],
  ['word', WORD],
  [
    'xdigit',
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
]);

/** `\p{Greek}`, `\pL`: undefined when Unicode has no such class. */
export function unicodeTest(name: string): ((char: number) => boolean) | undefined {
  if (name === 'Any') return () => true;
  for (const property of [name, `Script=${name}`]) {
    try {
      // One class over one character: the engine has nothing to go back over.
      const expression = new RegExp(`^\\p{${property}}$`, 'u');
      return (char) => expression.test(String.fromCodePoint(char));
    } catch {
      continue; // not a name of this kind
    }
  }
  return undefined;
}
