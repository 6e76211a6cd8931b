import { errorOf, expectThat, nextTurn, within } from './contract-case.ts';
import { expectNothingLeft } from './leaks.ts';
import { SourceDriver, StoredOffsets } from './source-driver.ts';
import type { SourceSubject, SourceWorld } from './source-subject.ts';

type Named = readonly [string, (world: SourceWorld) => Promise<void>];

/** Starting, waiting, stopping, and what is left. */
export function sourceLifetimeCases(subject: SourceSubject): readonly Named[] {
  const life = async (world: SourceWorld): Promise<void> => {
    const driver = await SourceDriver.start(subject, world);
    await world.produce(2);
    await driver.commit(await driver.read(2));
    await driver.stop();
  };
  return [
    [
      'poll: it comes back when there is nothing to read',
      async (world) => {
        const driver = await SourceDriver.start(subject, world);
        await driver.poll();
        await driver.stop();
      },
    ],
    [
      'stop: it ends a poll that waits',
      async (world) => {
        const driver = await SourceDriver.start(subject, world);
        const waiting = within(driver.limitMs, 'an aborted poll', () =>
          errorOf(() => driver.poll()),
        );
        await nextTurn();
        await driver.stop();
        await waiting;
      },
    ],
    [
      'stop: a poll whose signal is aborted already ends at once',
      async (world) => {
        const driver = await SourceDriver.start(subject, world);
        const aborted = AbortSignal.abort(new Error('stopped'));
        await within(driver.limitMs, 'an aborted poll', () => errorOf(() => driver.poll(aborted)));
        await driver.stop();
      },
    ],
    [
      'stop: it is harmless twice, without a start, and after a start that was broken off',
      async (world) => {
        const driver = await SourceDriver.start(subject, world);
        await driver.stop();
        await driver.stop();
        await SourceDriver.create(subject, world).stop();
        const broken = SourceDriver.create(subject, world);
        const stop = new AbortController();
        const starting = errorOf(() => broken.startTask(new StoredOffsets(), stop.signal));
        stop.abort(new Error('stopped'));
        await within(broken.limitMs, 'an aborted start', () => starting);
        await broken.stop();
      },
    ],
    [
      'hang: start, poll, commit and stop end in time while the outside does not answer',
      async (world) => {
        if (world.hang === undefined) return;
        const driver = await SourceDriver.start(subject, world);
        await world.produce(2);
        const records = await driver.read(2);
        await world.hang();
        const stop = new AbortController();
        const late = SourceDriver.create(subject, world);
        const starting = errorOf(() => late.startTask(new StoredOffsets(), stop.signal));
        const polling = errorOf(() => driver.task.poll(stop.signal));
        const committing = errorOf(() => driver.commit(records));
        await nextTurn();
        stop.abort(new Error('stopped'));
        driver.abort();
        await within(driver.limitMs, 'an aborted poll', () => polling);
        await within(driver.limitMs, 'an aborted commit', () => committing);
        await within(driver.limitMs, 'an aborted start', () => starting);
        await driver.stop();
        await late.stop();
      },
    ],
    [
      'metrics: numbers, at any time',
      async (world) => {
        const driver = SourceDriver.create(subject, world);
        const look = (): void => {
          for (const [name, value] of Object.entries(driver.task.metrics?.() ?? {}))
            expectThat(typeof value === 'number', `the metric "${name}" is no number`);
        };
        look();
        await within(driver.limitMs, 'start', () =>
          driver.startTask(new StoredOffsets(), new AbortController().signal),
        );
        await world.produce(1);
        await driver.read(1);
        look();
        await driver.stop();
        look();
      },
    ],
    [
      'leaks: no timer, socket, file or listener is left behind by a task',
      (world) => expectNothingLeft(() => life(world)),
    ],
  ];
}
