/** Java's flags, those which change how a pattern is read. */
export interface Flags {
  /** i: of ASCII alone unless `isUnicodeCase`, as in Java. */
  readonly isAnyCase: boolean;
  readonly isUnicodeCase: boolean;
  readonly isMultiline: boolean;
  readonly isDotAll: boolean;
  readonly hasComments: boolean;
  /** d: only \n ends a line. */
  readonly isUnixLines: boolean;
}

export const NO_FLAGS: Flags = {
  isAnyCase: false,
  isUnicodeCase: false,
  isMultiline: false,
  isDotAll: false,
  hasComments: false,
  isUnixLines: false,
};

const BY_LETTER: Readonly<Record<string, keyof Flags>> = {
  i: 'isAnyCase',
  u: 'isUnicodeCase',
  m: 'isMultiline',
  s: 'isDotAll',
  x: 'hasComments',
  d: 'isUnixLines',
};

/** The flags after `(?on-off)`; undefined for a letter that is none. */
export function withFlags(flags: Flags, on: string, off: string): Flags | undefined {
  let changed = flags;
  for (const [letters, value] of [
    [on, true],
    [off, false],
  ] as const)
    for (const letter of letters) {
      const flag = BY_LETTER[letter];
      if (flag === undefined) return undefined;
      changed = { ...changed, [flag]: value };
    }
  return changed;
}
