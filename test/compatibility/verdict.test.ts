import { describe, expect, test } from '@jest/globals';
import { goOutcomes, junitOutcomes, lineOutcomes } from './runner/src/outcomes.ts';
import { judge, parseExceptions } from './runner/src/verdict.ts';

const passed = { test: 'a', result: 'passed' } as const;
const failed = { test: 'b', result: 'failed', detail: 'why' } as const;

describe('the verdict on a suite', () => {
  test('a failure that nobody listed fails the run and is named with its cause', () => {
    expect(judge([passed, failed], { passedMin: 1, tests: [] }).problems).toEqual([
      '"b" failed: why',
    ]);
  });

  test('a listed failure does not', () => {
    const verdict = judge([passed, failed], {
      passedMin: 1,
      tests: [{ test: 'b', reason: 'because' }],
    });
    expect(verdict).toMatchObject({ passed: 1, failed: 1, excepted: 1, problems: [] });
  });

  test('an exception that now passes, was skipped or did not run fails the run', () => {
    const { problems } = judge([passed, { test: 's', result: 'skipped' }], {
      passedMin: 1,
      tests: ['a', 's', 'gone'].map((name) => ({ test: name, reason: 'because' })),
    });
    expect(problems).toHaveLength(3);
  });

  test('a test that varies may do either', () => {
    const exceptions = {
      passedMin: 0,
      tests: [{ test: 'b', expect: 'varies', reason: 'r' }],
    } as const;
    expect(judge([failed], exceptions).problems).toEqual([]);
    expect(judge([{ test: 'b', result: 'passed' }], exceptions).problems).toEqual([]);
  });

  test('an exception by pattern covers failures that say so, and fails the run when there is none', () => {
    const tests = [{ test: '^b', isPattern: true, detail: 'wh.', reason: 'because' }] as const;
    expect(judge([failed], { passedMin: 0, tests }).problems).toEqual([]);
    const other = { ...failed, detail: 'another' };
    expect(judge([other], { passedMin: 0, tests }).problems).toHaveLength(2);
    expect(judge([passed], { passedMin: 0, tests }).problems).toHaveLength(1);
  });

  test('a suite that ran nothing fails', () => {
    expect(judge([], { passedMin: 1, tests: [] }).problems).toHaveLength(1);
  });

  test('an exception without a reason is refused', () => {
    expect(() =>
      parseExceptions('x', '{"passedMin":1,"tests":[{"test":"a","reason":" "}]}'),
    ).toThrow(/exceptions of "x"/);
  });
});

describe('what suites report', () => {
  test('Go: tests in tests count, and what began and never ended has failed', () => {
    const events = [
      ['run', 'TestA'],
      ['run', 'TestA/one'],
      ['run', 'TestA/two'],
      ['pass', 'TestA/one'],
      ['fail', 'TestA/two'],
      ['fail', 'TestA'],
      ['run', 'TestB'],
      ['skip', 'TestB'],
      ['run', 'TestC'],
    ].map(([Action, Test]) => JSON.stringify({ Action, Test }));
    expect(goOutcomes(events.join('\n')).map((it) => `${it.test} ${it.result}`)).toEqual([
      'TestA/one passed',
      'TestA/two failed',
      'TestB skipped',
      'TestC failed',
    ]);
  });

  test('JUnit: passed, failed, in error and skipped', () => {
    const xml = `<testsuite>
      <testcase classname="test.x" name="good" time="1" />
      <testcase classname="test.x" name="bad[&lt;1&gt;]"><failure message="no &quot;x&quot;">trace</failure></testcase>
      <testcase classname="test.x" name="broken"><error message="set-up">trace</error></testcase>
      <testcase classname="test.x" name="left"><skipped type="pytest.skip" message="later" /></testcase>
    </testsuite>`;
    expect(junitOutcomes(xml)).toEqual([
      { test: 'x::good', result: 'passed' },
      { test: 'x::bad[<1>]', result: 'failed', detail: 'no "x"' },
      { test: 'x::broken', result: 'failed', detail: 'set-up' },
      { test: 'x::left', result: 'skipped', detail: 'later' },
    ]);
  });

  test('our own programs: one line a check', () => {
    expect(lineOutcomes('noise\nok one thing\nnot ok another # because\n')).toEqual([
      { test: 'one thing', result: 'passed' },
      { test: 'another', result: 'failed', detail: 'because' },
    ]);
  });
});
