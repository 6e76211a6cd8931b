import { describeError } from '@millrace/foundation';
import { outcome } from './outcomes.ts';
import type { Outcome } from './suite.ts';

/** Checks of our own, one after the other; one that throws has failed, and the next one runs. */
export class Checks {
  readonly outcomes: Outcome[] = [];

  async check(test: string, run: () => Promise<void> | void): Promise<void> {
    try {
      await run();
      this.outcomes.push(outcome(test, 'passed', ''));
    } catch (error) {
      this.outcomes.push(outcome(test, 'failed', describeError(error)));
    }
  }
}

/** @throws Error with what was there instead */
export function expectText(text: string, pattern: RegExp | string): void {
  const isThere = typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
  if (!isThere) throw new Error(`no ${String(pattern)} in: ${text.trim().slice(-600)}`);
}

/** @throws Error with both */
export function expectEqual(actual: unknown, expected: unknown): void {
  const [is, want] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== want) throw new Error(`${is.slice(0, 300)} instead of ${want.slice(0, 300)}`);
}
