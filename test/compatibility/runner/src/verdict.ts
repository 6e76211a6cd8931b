import type { Outcome } from './suite.ts';

/** A test that is known not to pass, and why that is right. */
export interface Exception {
  /** The full name of the test. */
  readonly test: string;
  /** `test` is a pattern: of the tests that it matches, at least one must fail. */
  readonly isPattern?: true;
  /** What the failure must say, as a pattern; any other failure of the test is none of this. */
  readonly detail?: string;
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
  const count = (result: Outcome['result']): number =>
    outcomes.filter((outcome) => outcome.result === result).length;
  const failures = outcomes.filter((outcome) => outcome.result === 'failed');
  const matchers = exceptions.tests.map(matcherOf);
  const unexpected = failures.filter((outcome) => !matchers.some((matches) => matches(outcome)));
  const stale = exceptions.tests.flatMap((exception, index) => {
    const { test, expect = 'fails', isPattern } = exception;
    if (failures.some((outcome) => matchers[index]?.(outcome) === true)) return [];
    const named = outcomes.find((outcome) => outcome.test === test);
    if (isPattern === true) return [`no failure matches the exception "${test}": take it off`];
    if (named === undefined) return [`the list names "${test}", which did not run`];
    if (expect === 'varies') return [];
    if (named.result === 'failed') return []; // otherwise than listed, which is said above
    return [`"${test}" is on the list and was ${named.result}: take it off`];
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

function matcherOf({ test, isPattern, detail }: Exception): (outcome: Outcome) => boolean {
  const name = isPattern === true ? new RegExp(test) : undefined;
  const says = detail === undefined ? undefined : new RegExp(detail);
  return (outcome) =>
    (name?.test(outcome.test) ?? outcome.test === test) &&
    (says === undefined || says.test(outcome.detail ?? ''));
}

/**
 * Reads a list as it was parsed from its file.
 * @throws Error naming what is wrong with it
 */
export function parseExceptions(name: string, text: string): Exceptions {
  const list: unknown = JSON.parse(text);
  if (!isExceptions(list))
    throw new Error(
      `exceptions of "${name}": want {passedMin, tests: [{test, reason, expect?, isPattern?, detail?}]}`,
    );
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
  const { test, reason, expect, isPattern, detail }: Partial<Record<keyof Exception, unknown>> =
    value;
  const isText = (text: unknown): boolean => typeof text === 'string' && text.trim() !== '';
  const isKnown = expect === undefined || expect === 'fails' || expect === 'varies';
  const isMatcher =
    (isPattern === undefined || isPattern === true) && (detail === undefined || isText(detail));
  return isText(test) && isText(reason) && isKnown && isMatcher;
}
