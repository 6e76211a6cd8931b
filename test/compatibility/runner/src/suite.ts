import type { Lab } from './lab.ts';

/** What became of one test of somebody else's suite. */
export interface Outcome {
  /** Its full name, as that suite writes it. */
  readonly test: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped, in a line or two. */
  readonly detail?: string;
}

/** A suite or client of others, aimed at our broker. */
export interface Suite {
  readonly name: string;
  readonly about: string;
  /** `ci` runs on every commit; `full` only when asked for, by name or by `--full`. */
  readonly tier: 'ci' | 'full';
  /**
   * Fetches what it needs, starts a broker and runs.
   * @throws Unavailable when a registry or a runtime can't be had: the suite is reported as not run
   */
  run(lab: Lab): Promise<readonly Outcome[]>;
}

/** What a suite needs can't be had here. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}
