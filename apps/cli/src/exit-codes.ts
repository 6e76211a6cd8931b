/** What the process says to its caller. */
export const EXIT = {
  done: 0,
  /** It was asked properly, and the world said no. */
  failed: 1,
  /** Bad usage or configuration; every problem has been listed. */
  refused: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
