import { afterEach, describe, expect, test } from '@jest/globals';
import { defineFields } from '@millrace/connector-api';
import { sourceContract } from '../src/contract/contract.ts';
import { clearGarbage, countingSource, type SourceFaults } from './counting-source.ts';
import { violationsOf } from './violations.ts';

afterEach(clearGarbage);

describe('a source that keeps every promise', () => {
  for (const { name, run } of sourceContract(countingSource())) test(name, run);
});

const planted: readonly (readonly [string, SourceFaults, RegExp])[] = [
  ['loses a record at resume', { skipsOneAtResume: true }, /^resume: .*missing/],
  ['repeats a record at resume', { repeatsOneAtResume: true }, /^resume: .*too much/],
  ['knows no offsets', { startsAnew: true }, /^resume: /],
  [
    'forgets what is polled, before it is delivered',
    { forgetsAtPoll: true },
    /^kill: what was polled/,
  ],
  ['forgets more than was committed', { forgetsMoreThanCommitted: true }, /^kill: |^commit: /],
  ['swaps two records', { swaps: true }, /^order: .*another order/],
  ['loses a record at commit', { losesAtCommit: true }, /^commit: /],
  [
    'changes a record after it was returned',
    { changesAfterReturn: true },
    /^records: .*after later polls/,
  ],
  ['returns one object for several records', { reusesRecord: true }, /^records: .*one object/],
  ['chooses a partition below 0', { form: { partition: -1 } }, /^records: .*partition/],
  ['counts half milliseconds', { form: { timestampMs: 1.5 } }, /^records: .*timestamp/],
  ['has an offset that is a Date', { offset: () => new Date() }, /^offsets: .*can't be stored/],
  ['has an offset with structure', { offset: (at) => ({ at }) }, /^offsets: .*can't be stored/],
  ['has an offset that is NaN', { offset: () => NaN }, /^offsets: .*can't be stored/],
  [
    'ignores that it is asked to stop',
    { ignoresAbort: true },
    /^stop: it ends a poll .*did not end/,
  ],
  ['hangs at stop', { hangsAtStop: true }, /stop did not end/],
  [
    'can be stopped once only',
    { throwsAtSecondStop: true },
    /^stop: it is harmless .*stopped already/,
  ],
  [
    'can be stopped after a start only',
    { throwsAtStopWithoutStart: true },
    /^stop: it is harmless .*undefined/,
  ],
  [
    'waits for ever when there is nothing',
    { waitsForEver: true },
    /^poll: it comes back .*did not end/,
  ],
  ['leaks a timer', { leaves: 'timer' }, /^leaks: .*timer/],
  ['leaks a socket', { leaves: 'socket' }, /^leaks: .*socket/],
  [
    'leaks a listener of the process',
    { leaves: 'process listener' },
    /^leaks: .*listener of process/,
  ],
  ['shares state between tasks', { sharesState: true }, /^tasks: /],
  ['refuses unknown keys', { refusesUnknownKeys: true }, /^config: a key that nobody knows/],
  ['passes poison over in silence', { passesPoisonOver: true }, /^poison: .*no trace/],
  ['throws a plain error at poison', { throwsPlainError: true }, /^poison: .*no MillraceError/],
  ['has metrics that are no numbers', { hasTextMetrics: true }, /^metrics: /],
  ['takes any altered offset', { takesAnyOffset: true }, /^alterOffsets: /],
  [
    'fails for good when it is interrupted',
    { interruptionIsFatal: true },
    /^interruption: .*not retriable/,
  ],
  [
    'ignores its signal while the outside hangs',
    { ignoresAbortWhileHanging: true },
    /^hang: .*did not end/,
  ],
];

test.each(planted)('the suite names a source that %s', async (_what, faults, named) => {
  expect(await violationsOf(sourceContract(countingSource(faults)))).toContainEqual(
    expect.stringMatching(named),
  );
});

const field = { type: 'STRING', doc: 'x', default: null } as const;

test.each([
  [
    'has a secret that is shown',
    { fields: defineFields({ 'db.password': field }) },
    /^config: keys that hold secrets/,
  ],
  [
    'has a key without a word',
    { fields: defineFields({ world: { ...field, doc: '' } }) },
    /^config: each field/,
  ],
  [
    'refuses its own default',
    {
      fields: defineFields({
        world: field,
        n: { type: 'INT', default: -1, doc: 'x', validate: () => 'too low' },
      }),
    },
    /^config: each field/,
  ],
  [
    'throws in its rules',
    {
      rules: () => {
        throw new TypeError('undefined');
      },
    },
    /^config: rules|rules throw/,
  ],
  [
    'throws in validate',
    { validate: () => Promise.reject(new Error('no database')) },
    /^config: rules .*validate throws/,
  ],
  [
    'hangs in validate',
    { validate: () => new Promise<never>(() => undefined) },
    /^config: validate ends/,
  ],
  [
    'makes too many tasks',
    { taskConfigs: () => Promise.resolve([{}, {}, {}]) },
    /^config: task configurations .*3 tasks/,
  ],
  [
    'makes other tasks each time',
    { taskConfigs: () => Promise.resolve([{ seed: String(performance.now()) }]) },
    /^config: task configurations .*differently/,
  ],
  ['has a name that nobody can write', { name: 'my source' }, /^plugin: /],
])('the suite names a connector that %s', async (_what, more, named) => {
  const cases = sourceContract(countingSource({}, more)).filter(({ name }) =>
    /^(config|plugin):/.test(name),
  );
  expect(await violationsOf(cases)).toContainEqual(expect.stringMatching(named));
});
