import { isRetriable, MillraceError } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';
import { type InWorld, pluginCases, validationCases } from './config-cases.ts';
import {
  type ContractCase,
  ContractViolation,
  errorOf,
  expectEqual,
  expectThat,
  nextTurn,
  textOfError,
  within,
} from './contract-case.ts';
import { recordText } from './record-text.ts';
import { committedOf, LIMIT_MS, offsetText, SourceDriver, StoredOffsets } from './source-driver.ts';
import { sourceLifetimeCases } from './source-lifetime-cases.ts';
import type { SourceSubject, SourceWorld } from './source-subject.ts';

const RECORDS = 8;

/** What 'a source' means, as cases that any test runner can run. */
export function sourceContract(subject: SourceSubject): readonly ContractCase[] {
  const limitMs = subject.limitMs ?? LIMIT_MS;
  const inWorld = (name: string, promise: (world: SourceWorld) => Promise<void>): ContractCase => ({
    name,
    run: async () => {
      await using world = await subject.open();
      await promise(world);
    },
  });
  const inConfig: InWorld = async (use) => {
    await using world = await subject.open();
    await use(world.config);
  };
  return [
    ...pluginCases(subject.connector, inConfig),
    ...validationCases(subject.connector, inConfig, limitMs),
    ...deliveryCases(subject).map(([name, promise]) => inWorld(name, promise)),
    ...sourceLifetimeCases(subject).map(([name, promise]) => inWorld(name, promise)),
  ];
}

type Named = readonly [string, (world: SourceWorld) => Promise<void>];

function deliveryCases(subject: SourceSubject): readonly Named[] {
  const { mayRepeat = false } = subject;
  /** A task that starts behind what was stored gives what was not, in order. */
  const expectRest = async (
    world: SourceWorld,
    offsets: StoredOffsets,
    rest: readonly string[],
    what: string,
  ): Promise<void> => {
    const driver = await SourceDriver.start(subject, world, offsets);
    const seen = [...driver.identities(await driver.readInTime(rest.length))];
    while (mayRepeat && seen.includes(rest[0] ?? '') && !rest.every((each) => seen.includes(each)))
      seen.push(...driver.identities(await driver.read(1)));
    await driver.stop();
    const came = mayRepeat ? seen.slice(seen.indexOf(rest[0] ?? '')) : seen;
    expectEqual(came, rest, what);
  };
  return [
    [
      'order: every record comes once, in the order in which it was made',
      async (world) => {
        const driver = await SourceDriver.start(subject, world);
        const first = await world.produce(RECORDS);
        const records = [...(await driver.read(RECORDS))];
        const second = await world.produce(RECORDS);
        records.push(...(await driver.read(RECORDS)));
        await driver.stop();
        expectEqual(driver.identities(records), [...first, ...second], 'records');
      },
    ],
    [
      'resume: a task goes on behind any record, with none lost and none doubled',
      async (world) => {
        const first = await SourceDriver.start(subject, world);
        const made = await world.produce(RECORDS);
        const records = await first.read(RECORDS);
        await first.stop();
        const known = records.filter((record) => world.identify(record) !== undefined);
        for (let position = 1; position <= RECORDS; position++) {
          const offsets = new StoredOffsets();
          offsets.store(known.slice(0, position));
          const rest = [
            ...made.slice(position),
            ...(position === RECORDS ? await world.produce(1) : []),
          ];
          await expectRest(world, offsets, rest, `records behind position ${position}`);
        }
      },
    ],
    [
      'kill: what was polled and not delivered comes again',
      async (world) => {
        const offsets = new StoredOffsets();
        const driver = await SourceDriver.start(subject, world, offsets);
        const delivered = await world.produce(3);
        const records = await driver.read(3);
        const lost = await world.produce(3);
        await driver.read(3);
        offsets.store(records);
        await driver.commit(records); // of the first ones; and it dies before the others are in the log
        await driver.stop();
        await expectRest(world, offsets, lost, `records behind ${delivered.at(-1) ?? ''}`);
      },
    ],
    [
      'kill: what was delivered, with its commit never heard of, loses nothing behind it',
      async (world) => {
        const offsets = new StoredOffsets();
        const driver = await SourceDriver.start(subject, world, offsets);
        await world.produce(3);
        offsets.store(await driver.read(3)); // stored, and dies before the commit
        await driver.stop();
        const rest = await world.produce(3);
        await expectRest(world, offsets, rest, 'records behind the stored offset');
      },
    ],
    [
      'commit: it may come while poll waits, and again for the same offsets',
      async (world) => {
        const driver = await SourceDriver.start(subject, world);
        await world.produce(3);
        const records = await driver.read(3);
        const stop = new AbortController();
        const waiting = driver.poll(stop.signal).catch(() => []);
        await nextTurn();
        await driver.commit(records);
        await driver.commit(records);
        const rest = await world.produce(2);
        const early = await waiting;
        const missing = 2 - driver.identities(early).length;
        const late = missing > 0 ? await driver.read(missing) : [];
        await driver.stop();
        expectEqual(driver.identities([...early, ...late]), rest, 'records after the commit');
      },
    ],
    [
      'offsets: plain values that outlive their storage as JSON, one behind each record',
      async (world) => {
        const driver = await SourceDriver.start(subject, world);
        await world.produce(3);
        const records = await driver.read(3);
        await driver.stop();
        for (const { sourcePartition, sourceOffset } of records) {
          offsetText(sourceOffset);
          expectThat(Object.keys(sourcePartition).length > 0, 'a source partition is empty');
          offsetText(sourcePartition);
        }
        expectThat(committedOf(records).length > 0, 'no record has an offset');
      },
    ],
    [
      'records: they have the form of records, and are not changed after they were returned',
      async (world) => {
        const driver = await SourceDriver.start(subject, world);
        await world.produce(3);
        const records = await driver.read(3);
        records.forEach(expectForm);
        const texts = records.map(recordText);
        expectThat(
          new Set(records).size === records.length,
          'one object stands for several records',
        );
        await world.produce(3);
        const more = await driver.read(3);
        await driver.commit(records);
        await driver.stop();
        expectThat(
          !more.some((record) => records.includes(record)),
          'a record that was returned before is returned again as another one',
        );
        expectEqual(records.map(recordText), texts, 'records after later polls');
      },
    ],
    [
      'poison: what can not be read is not passed over in silence, and stops nothing behind it',
      async (world) => {
        if (world.poison === undefined) return;
        const driver = await SourceDriver.start(subject, world);
        const before = await world.produce(2);
        await world.poison();
        const after = await world.produce(2);
        const records: SourceRecord[] = [];
        const failure = await errorOf(async () => records.push(...(await driver.read(4))));
        await driver.stop();
        if (failure !== undefined) {
          expectThat(
            failure instanceof MillraceError,
            `poll threw no MillraceError, but ${textOfError(failure)}`,
          );
          return;
        }
        expectEqual(driver.identities(records), [...before, ...after], 'records around the poison');
        const refused = records
          .filter((record) => world.identify(record) === undefined)
          .filter(isRefused);
        expectThat(
          refused.length > 0,
          'the poison left no trace: no record that fails, and no error',
        );
      },
    ],
    [
      'interruption: poll fails with an error that may be retried, and loses nothing',
      async (world) => {
        if (world.interrupt === undefined) return;
        const offsets = new StoredOffsets();
        const driver = await SourceDriver.start(subject, world, offsets);
        await world.produce(3);
        const records = await driver.read(3);
        offsets.store(records);
        await world.interrupt();
        const rest = await world.produce(3);
        const seen: SourceRecord[] = [];
        const failure = await errorOf(async () => seen.push(...(await driver.read(3))));
        await driver.stop();
        expectThat(
          failure === undefined || isRetriable(failure),
          `poll failed with an error that is not retriable: ${textOfError(failure)}`,
        );
        if (failure === undefined)
          expectEqual(driver.identities(seen), rest, 'records after the interruption');
        else
          await expectRest(world, offsets, rest, 'records of the next task after the interruption');
      },
    ],
    [
      'tasks: two of them at the same time share nothing',
      async (world) => {
        await using other = await subject.open();
        const left = await SourceDriver.start(subject, world);
        const right = await SourceDriver.start(subject, other);
        const lefts = await world.produce(3);
        const rights = await other.produce(4);
        const fromLeft = left.identities(await left.read(3));
        const fromRight = right.identities(await right.read(4));
        await left.stop();
        await right.stop();
        expectEqual(fromLeft, lefts, 'records of the one');
        expectEqual(fromRight, rights, 'records of the other');
      },
    ],
    [
      'config: a key that nobody knows stops no task',
      async (world) => {
        const driver = SourceDriver.create(subject, world);
        const { signal } = new AbortController();
        await within(driver.limitMs, 'start', () =>
          driver.startTask(new StoredOffsets(), signal, { 'nobody.knows': 'this' }),
        );
        await driver.stop();
      },
    ],
    [
      'alterOffsets: its own offsets are accepted, and senseless ones refused',
      async (world) => {
        const { connector } = subject;
        if (connector.alterOffsets === undefined) return;
        const driver = await SourceDriver.start(subject, world);
        await world.produce(2);
        const own = committedOf(await driver.read(2));
        await driver.stop();
        const { signal } = new AbortController();
        const alter = (offsets: Parameters<typeof connector.alterOffsets>[1]): Promise<unknown> =>
          within(driver.limitMs, 'alterOffsets', async () =>
            connector.alterOffsets?.(world.config, offsets, signal),
          );
        for (const offset of own.map((each) => each.offset).concat([])) {
          const answer = await alter(own.map(({ partition }) => ({ partition, offset })));
          expectThat(typeof answer === 'boolean', `alterOffsets answered ${String(answer)}`);
        }
        await alter(own.map(({ partition }) => ({ partition, offset: null })));
        const senseless = own.map(({ partition }) => ({
          partition,
          offset: { senseless: 'offset' },
        }));
        expectThat(
          (await errorOf(() => alter(senseless))) !== undefined,
          'alterOffsets takes a senseless offset',
        );
        const foreign = own.map(({ offset }) => ({
          partition: { senseless: 'partition' },
          offset,
        }));
        expectThat(
          (await errorOf(() => alter(foreign))) !== undefined,
          'alterOffsets takes a senseless partition',
        );
      },
    ],
  ];
}

function isRefused(record: SourceRecord): boolean {
  try {
    return record.value === undefined;
  } catch (error) {
    if (error instanceof MillraceError) return true;
    throw new ContractViolation(
      `a value that can't be had throws no MillraceError, but ${String(error)}`,
    );
  }
}

function expectForm(record: SourceRecord): void {
  const { topic, partition, headers, timestampMs } = record;
  expectThat(typeof topic === 'string' && topic !== '', 'a record has no topic');
  expectThat(
    partition === null || (Number.isInteger(partition) && partition >= 0),
    'the partition of a record is no number of one, and not null',
  );
  expectThat(Array.isArray(headers), 'the headers of a record are no list');
  expectThat(
    timestampMs === null || Number.isSafeInteger(timestampMs),
    'the timestamp of a record is no whole number of milliseconds, and not null',
  );
}
