import type { Outcome } from './suite.ts';

/** A test that is known not to pass, and why that is right. */
export interface Exception {
  /** The full name of the test. */
  readonly test: string;
  /** `fails` (the default): must fail. `varies`: passes or fails by what the broker can't decide. */
  readonly expect?: 'fails' | 'varies';
  readonly reason: string;
}

/** The committed list of one suite. */
export interface Exceptions {
  /** Tests that must at least have passed, so that a suite which runs nothing is no success. */
  readonly passedMin: number;
  readonly tests: readonly Exception[];
}

export interface Verdict {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Failures on the list. */
  readonly excepted: number;
  /** What makes the run fail; empty if nothing does. */
  readonly problems: readonly string[];
}

/** Compares what a suite did with what was expected of it. Anything else is a problem, an exception that now passes too. */
export function judge(outcomes: readonly Outcome[], exceptions: Exceptions): Verdict {
  const byName = new Map(outcomes.map((outcome) => [outcome.test, outcome]));
  const excepted = new Map(exceptions.tests.map((exception) => [exception.test, exception]));
  const count = (result: Outcome['result']): number =>
    outcomes.filter((outcome) => outcome.result === result).length;
  const failures = outcomes.filter((outcome) => outcome.result === 'failed');
  const unexpected = failures.filter(({ test }) => !excepted.has(test));
  const stale = exceptions.tests.flatMap(({ test, expect = 'fails' }) => {
    const outcome = byName.get(test);
    if (outcome === undefined) return [`the list names "${test}", which did not run`];
    if (expect === 'varies' || outcome.result === 'failed') return [];
    return [`"${test}" is on the list and was ${outcome.result}: take it off`];
  });
  const passed = count('passed');
  return {
    passed,
    failed: failures.length,
    skipped: count('skipped'),
    excepted: failures.length - unexpected.length,
    problems: [
      ...unexpected.map(({ test, detail }) => `"${test}" failed${detail ? `: ${detail}` : ''}`),
      ...stale,
      ...(passed < exceptions.passedMin
        ? [`${passed} tests passed, at least ${exceptions.passedMin} should have`]
        : []),
    ],
  };
}

/**
 * Reads a list as it was parsed from its file.
 * @throws Error naming what is wrong with it
 */
export function parseExceptions(name: string, text: string): Exceptions {
  const list: unknown = JSON.parse(text);
  if (!isExceptions(list))
    throw new Error(`exceptions of "${name}": want {passedMin, tests: [{test, reason, expect?}]}`);
  return list;
}

function isExceptions(list: unknown): list is Exceptions {
  return (
    typeof list === 'object' &&
    list !== null &&
    'passedMin' in list &&
    typeof list.passedMin === 'number' &&
    'tests' in list &&
    Array.isArray(list.tests) &&
    list.tests.every(isException)
  );
}

function isException(value: unknown): value is Exception {
  if (typeof value !== 'object' || value === null) return false;
  const { test, reason, expect }: { test?: unknown; reason?: unknown; expect?: unknown } = value;
  const isText = (text: unknown): boolean => typeof text === 'string' && text.trim() !== '';
  const isKnown = expect === undefined || expect === 'fails' || expect === 'varies';
  return isText(test) && isText(reason) && isKnown;
}
