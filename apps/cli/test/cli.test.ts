import { expect, test } from '@jest/globals';
import { COMMAND_GROUPS } from '../src/commands/all-commands.ts';
import { run } from './cli-harness.ts';

test('--version and --help answer on standard output with 0', async () => {
  expect(await run(['--version'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^millrace \d+\.\d+\.\d+/) as unknown,
  });
  for (const argv of [['--help'], ['-h'], ['help'], ['help', 'start'], ['start', '--help']])
    expect(await run(argv)).toMatchObject({
      code: 0,
      out: expect.stringContaining('millrace start') as unknown,
      error: '',
    });
});

test.each([
  [[], 'a command is missing'],
  [['strat'], 'did you mean "millrace start"'],
  [['status', 'x'], 'did you mean "millrace connectors status"'],
  [['connectors', 'puase', 'x'], 'did you mean "millrace connectors pause"'],
  [['conectors', 'list'], 'did you mean "millrace connectors list"'],
  [['topic'], 'did you mean "millrace topics"'],
  [['offsets'], 'there are "offsets get", "offsets set", "offsets reset"'],
  [['connectors', '--jsn'], 'did you mean "--json"'],
  [['topics', 'list', '--bootstrap-server', 'a:1'], 'did you mean "--bootstrap"'],
  [['topics', 'tail', 'a', '--from-beginning'], 'did you mean "--from earliest"'],
  [['start', '--frobnicate'], '--frobnicate'],
  [['start', '--config'], '--config'],
  [['start', '--json'], '--json does not go with "start"'],
  [['plugins', '--set', 'a=b'], '--set does not go with "plugins"'],
  [['connectors', 'status'], '"connectors status" needs NAME'],
  [['connectors', 'list', 'x'], '"connectors list" takes no "x"'],
  [['topics', 'tail', 'a', 'b'], '"topics tail" takes no "b"'],
  [['offsets', 'set', 'a'], '"offsets set" needs --file FILE'],
  [['toString'], '"toString" is not a command'],
])('%j is bad usage: 2, and says what helps', async (argv, message) => {
  const { code, out, error } = await run(argv);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(error).toContain(message);
  expect(error).toContain('hint: ');
});

const commands = COMMAND_GROUPS.flatMap((group) => group.commands);

test.each(commands.map(({ name }) => name))(
  '%s --help says what it does and takes',
  async (name) => {
    const { code, out, error } = await run([...name.split(' '), '--help']);
    expect([code, error]).toEqual([0, '']);
    expect(out).toContain(`millrace ${name} [OPTION ...]`);
    expect(out).toContain('--help');
    expect(out).toContain('Exit codes');
  },
);

test('a family of commands has a help of its own, and the overview has every command', async () => {
  const family = await run(['connectors', '--help']);
  expect(family.out).toContain('connectors pause NAME');
  expect(family.out).not.toContain('topics list');
  const all = await run(['--help']);
  for (const { name, summary } of commands) {
    expect(all.out).toContain(`  millrace ${name}`);
    expect(all.out).toContain(summary);
  }
});
