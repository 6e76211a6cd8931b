import { expect, test } from '@jest/globals';
import { run } from './cli-harness.ts';

test('--version and --help answer on standard output with 0', async () => {
  expect(await run(['--version'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^millrace \d+\.\d+\.\d+/) as unknown,
  });
  for (const argv of [['--help'], ['-h'], ['help'], ['start', '--help']])
    expect(await run(argv)).toMatchObject({
      code: 0,
      out: expect.stringContaining('millrace start') as unknown,
      error: '',
    });
});

test.each([
  [[], 'a command is missing'],
  [['strat'], '"strat" is not a command'],
  [['start', '--frobnicate'], '--frobnicate'],
  [['start', '--config'], '--config'],
  [['start', '--json'], '--json does not go with "start"'],
  [['status', '--set', 'a=b', 'x'], '--set does not go with "status"'],
  [['status'], '"status" needs at least one NAME'],
  [['connectors', 'x'], '"connectors" takes no "x"'],
  [['toString'], '"toString" is not a command'],
])('%j is bad usage: 2, and points to the help', async (argv, message) => {
  const { code, out, error } = await run(argv);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(error).toContain(message);
  expect(error).toContain('millrace --help');
});
