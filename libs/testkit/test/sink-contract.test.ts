import { afterEach, describe, expect, test } from '@jest/globals';
import { sinkContract } from '../src/contract/contract.ts';
import { clearTimers, collectingSink, type SinkFaults } from './collecting-sink.ts';
import { violationsOf } from './violations.ts';

afterEach(clearTimers);

describe('a sink that keeps every promise', () => {
  for (const { name, run } of sinkContract(collectingSink())) test(name, run);
});

const planted: readonly (readonly [string, SinkFaults, RegExp])[] = [
  ['confirms before it delivers', { confirmsBeforeDelivery: true }, /^commit: .*not in the target/],
  [
    'delivers only when it is stopped',
    { deliversAtStopOnly: true },
    /^commit: .*not in the target/,
  ],
  ['loses the last record of a batch', { losesTheLastOfABatch: true }, /^delivery: .*missing: \[3/],
  ['reorders', { reorders: true }, /^delivery: .*another order/],
  ['doubles', { doubles: true }, /^delivery: .*too much/],
  ['changes records', { changesRecords: true }, /^records: /],
  ['drops poison', { dropsPoison: true }, /^poison: .*failures named by put/],
  ['fails a batch for one record', { failsTheBatch: true }, /^poison: /],
  ['names good records as bad', { namesAllAsBad: true }, /^poison: .*failures named by put/],
  ['throws a plain error', { throwsPlainError: true }, /^poison: .*TypeError|x is not a function/],
  ['tries poison for ever', { retriesPoisonForEver: true }, /^poison: |^values: .*for ever/],
  ['ignores its signal', { ignoresAbort: true }, /^hang: .*did not end/],
  ['hangs at stop', { hangsAtStop: true }, /stop did not end/],
  ['can be stopped once only', { throwsAtSecondStop: true }, /^stop: .*stopped already/],
  ['confirms more than it was given', { confirmsTooMuch: true }, /flush says that/],
  ['loses at a rebalance', { losesAtClose: true }, /^rebalance: .*missing/],
  ['loses at an interruption', { losesAtInterruption: true }, /^interruption: .*missing/],
  [
    'fails for good at an interruption',
    { interruptionIsFatal: true },
    /^interruption: .*not retriable/,
  ],
  ['leaks a timer', { leaksTimer: true }, /^leaks: .*timer/],
  ['shares state between tasks', { sharesState: true }, /^tasks: /],
  ['has metrics that are no numbers', { hasTextMetrics: true }, /^metrics: /],
  ['refuses unknown keys', { refusesUnknownKeys: true }, /^config: a key that nobody knows/],
  [
    'breaks at a tombstone',
    { needsUsAtTombstone: true },
    /^values: a tombstone[^]*no MillraceError/,
  ],
];

test.each(planted)('the suite names a sink that %s', async (_what, faults, named) => {
  expect(await violationsOf(sinkContract(collectingSink(faults)))).toContainEqual(
    expect.stringMatching(named),
  );
});

test('a sink that claims to be idempotent, and is not, is named', async () => {
  const cases = sinkContract({ ...collectingSink(), isIdempotent: true });
  expect(await violationsOf(cases)).toContainEqual(expect.stringMatching(/^kill: .*too much/));
});
