import { isRetriable, MillraceError } from '@millrace/foundation';
import { type InWorld, pluginCases, validationCases } from './config-cases.ts';
import {
  type ContractCase,
  errorOf,
  expectEqual,
  expectThat,
  nextTurn,
  textOfError,
  within,
} from './contract-case.ts';
import { expectNothingLeft } from './leaks.ts';
import { frozen, recordText } from './record-text.ts';
import { SAMPLES, sinkRecord } from './samples.ts';
import { SinkDriver, TOPIC } from './sink-driver.ts';
import type { SinkSubject, SinkWorld } from './sink-subject.ts';
import { LIMIT_MS } from './source-driver.ts';

type Named = readonly [string, (world: SinkWorld) => Promise<void>];

/** What 'a sink' means, as cases that any test runner can run. */
export function sinkContract(subject: SinkSubject): readonly ContractCase[] {
  const inConfig: InWorld = async (use) => {
    await using world = await subject.open();
    await use(world.config);
  };
  const cases = [...deliveryCases(subject), ...valueCases(subject), ...lifetimeCases(subject)];
  return [
    ...pluginCases(subject.connector, inConfig),
    ...validationCases(subject.connector, inConfig, subject.limitMs ?? LIMIT_MS),
    ...cases.map(([name, promise]) => ({
      name,
      run: async () => {
        await using world = await subject.open();
        await promise(world);
      },
    })),
  ];
}

const texts = (numbers: readonly number[]): readonly string[] => numbers.map(String);

function deliveryCases(subject: SinkSubject): readonly Named[] {
  /** Nothing is missing, nothing is there that was not put, and what is there once only came in order. */
  const expectDelivered = async (
    world: SinkWorld,
    count: number,
    mayDouble: boolean,
  ): Promise<void> => {
    const delivered = await world.delivered();
    const expected = Array.from({ length: count }, (_, index) => index + 1);
    const seen = mayDouble ? [...new Set(delivered)] : delivered;
    expectEqual(texts(seen), texts(expected), 'records in the target');
  };
  const mayDouble = subject.isIdempotent !== true;
  return [
    [
      'delivery: every record of a partition arrives once, in order',
      async (world) => {
        const driver = await SinkDriver.start(subject, world);
        expectThat(
          (await driver.put(driver.batch(1, 2, 3))).length === 0,
          'a good record is refused',
        );
        await driver.put([]);
        await driver.put(driver.batch(4));
        await driver.flush();
        await driver.put(driver.batch(5, 6));
        await driver.flush();
        await driver.stop();
        await expectDelivered(world, 6, false);
      },
    ],
    [
      'commit: what flush confirms is in the target already, whatever happens then',
      async (world) => {
        const driver = await SinkDriver.start(subject, world);
        await driver.put(driver.batch(1, 2, 3));
        const committed = await driver.flush();
        const delivered = new Set(await world.delivered()); // before any stop could bring it there
        await driver.stop();
        for (let number = 1; number <= committed; number++)
          expectThat(
            delivered.has(number),
            `flush confirmed ${committed} records, but ${number} is not in the target`,
          );
      },
    ],
    ...(['before put', 'after put', 'after flush'] as const).map((when): Named => [
      `kill: ${when}, nothing is lost${mayDouble ? '' : ' and nothing doubled'} when the records come again`,
      async (world) => {
        const first = await SinkDriver.start(subject, world);
        await first.put(first.batch(1, 2));
        const committed = await first.flush();
        if (when !== 'before put') await first.put(first.batch(3, 4));
        if (when === 'after flush') await first.flush();
        await errorOf(() => first.stop()); // dies before its offsets are committed
        const second = await SinkDriver.start(subject, world);
        const again = Array.from({ length: 6 - committed }, (_, index) => committed + 1 + index);
        await second.deliver(second.batch(...again));
        await second.flush();
        await second.stop();
        await expectDelivered(world, 6, mayDouble);
      },
    ]),
    [
      'rebalance: what was put is not lost when its partition goes, and comes back',
      async (world) => {
        const driver = await SinkDriver.start(subject, world);
        await driver.put(driver.batch(1, 2));
        const committed = await driver.flush();
        await driver.closePartitions();
        await driver.openPartitions();
        const again = [1, 2, 3, 4].slice(committed);
        await driver.put(driver.batch(...again));
        await driver.flush();
        await driver.closePartitions();
        await driver.stop();
        await expectDelivered(world, 4, mayDouble);
      },
    ],
    [
      'interruption: put or flush fails with an error that may be retried, and loses nothing',
      async (world) => {
        if (world.interrupt === undefined) return;
        const driver = await SinkDriver.start(subject, world);
        await driver.put(driver.batch(1, 2));
        await driver.flush();
        await world.interrupt();
        const failure = await errorOf(async () => {
          await driver.deliver(driver.batch(3, 4));
          await driver.flush();
        });
        await driver.stop();
        expectThat(
          failure === undefined || isRetriable(failure),
          `it failed with an error that is not retriable: ${textOfError(failure)}`,
        );
        if (failure !== undefined) {
          const next = await SinkDriver.start(subject, world);
          await next.deliver(next.batch(3, 4));
          await next.flush();
          await next.stop();
        }
        await expectDelivered(world, 4, mayDouble);
      },
    ],
    [
      'poison: a record that can not be delivered is named, and the others of its batch are delivered',
      async (world) => {
        if (world.poison === undefined) return;
        const driver = await SinkDriver.start(subject, world);
        const bad = sinkRecord({ topic: TOPIC, offset: 1, ...world.poison() });
        const [one, three] = driver.batch(1, 3);
        if (one === undefined || three === undefined) return;
        const failures = await driver.put([one, bad, three]);
        expectEqual(texts(failures.map(({ index }) => index)), ['1'], 'failures named by put');
        await driver.put(driver.batch(4));
        await driver.flush();
        await driver.stop();
        expectEqual(texts(await world.delivered()), ['1', '3', '4'], 'records in the target');
      },
    ],
    [
      'config: a key that nobody knows stops no task',
      async (world) => {
        const driver = new SinkDriver(subject, world);
        const { signal } = new AbortController();
        await within(driver.limitMs, 'start', () =>
          driver.startTask(signal, { 'nobody.knows': 'this' }),
        );
        await driver.stop();
      },
    ],
    [
      'tasks: two of them at the same time share nothing',
      async (world) => {
        await using other = await subject.open();
        const left = await SinkDriver.start(subject, world);
        const right = await SinkDriver.start(subject, other);
        await left.put(left.batch(1, 2));
        await right.put(right.batch(1, 2, 3));
        await left.flush();
        await right.flush();
        await left.stop();
        await right.stop();
        await expectDelivered(world, 2, false);
        await expectDelivered(other, 3, false);
      },
    ],
    [
      'alterOffsets: an offset and none are accepted',
      async (world) => {
        const { connector } = subject;
        if (connector.alterOffsets === undefined) return;
        const { signal } = new AbortController();
        for (const offset of [3, null]) {
          const answer = await within(subject.limitMs ?? LIMIT_MS, 'alterOffsets', async () =>
            connector.alterOffsets?.(
              world.config,
              [{ topic: TOPIC, partition: 0, offset }],
              signal,
            ),
          );
          expectThat(typeof answer === 'boolean', `alterOffsets answered ${String(answer)}`);
        }
      },
    ],
  ];
}

function valueCases(subject: SinkSubject): readonly Named[] {
  return [
    [
      'values: of any type, with and without schema and as null, they are delivered or refused as what they are',
      async (world) => {
        for (const { name, schema, value } of SAMPLES) {
          const driver = await SinkDriver.start(subject, world);
          const own = world.record(1);
          const record = sinkRecord({ topic: TOPIC, ...own, valueSchema: schema, value });
          const failure = await errorOf(async () => {
            await driver.put([record]);
            await driver.flush();
          });
          await driver.stop();
          expectThat(
            failure === undefined || failure instanceof MillraceError,
            `a value of the type "${name}" ends in ${textOfError(failure)}, which is no MillraceError`,
          );
          expectThat(
            !isRetriable(failure),
            `a value of the type "${name}" is tried for ever: ${textOfError(failure)}`,
          );
        }
      },
    ],
    [
      'values: a tombstone, with a key and without, is delivered or refused as what it is',
      async (world) => {
        const driver = await SinkDriver.start(subject, world);
        const { key = null, keySchema = null } = world.record(1);
        for (const own of [{ key, keySchema }, {}]) {
          const tombstone = sinkRecord({ topic: TOPIC, ...own });
          const failure = await errorOf(() => driver.put([tombstone]));
          expectThat(
            failure === undefined || failure instanceof MillraceError,
            `a tombstone ends in ${textOfError(failure)}, which is no MillraceError`,
          );
          expectThat(
            !isRetriable(failure),
            `a tombstone is tried for ever: ${textOfError(failure)}`,
          );
        }
        await driver.stop();
      },
    ],
    [
      'records: put changes nothing of them',
      async (world) => {
        const driver = await SinkDriver.start(subject, world);
        const batch = driver.batch(1, 2);
        const before = batch.map(recordText);
        await driver.put(frozen(batch));
        await driver.flush();
        await driver.stop();
        expectEqual(batch.map(recordText), before, 'records after put');
      },
    ],
  ];
}

function lifetimeCases(subject: SinkSubject): readonly Named[] {
  const life = async (world: SinkWorld): Promise<void> => {
    const driver = await SinkDriver.start(subject, world);
    await driver.put(driver.batch(1));
    await driver.flush();
    await driver.closePartitions();
    await driver.stop();
  };
  return [
    [
      'stop: it is harmless twice, without a start, and after a start that was broken off',
      async (world) => {
        const driver = await SinkDriver.start(subject, world);
        await driver.stop();
        await driver.stop();
        await new SinkDriver(subject, world).stop();
        const broken = new SinkDriver(subject, world);
        const stop = new AbortController();
        const starting = errorOf(() => broken.startTask(stop.signal));
        stop.abort(new Error('stopped'));
        await within(broken.limitMs, 'an aborted start', () => starting);
        await broken.stop();
      },
    ],
    [
      'stop: a put whose signal is aborted already ends at once',
      async (world) => {
        const driver = await SinkDriver.start(subject, world);
        const aborted = AbortSignal.abort(new Error('stopped'));
        await within(driver.limitMs, 'an aborted put', () =>
          errorOf(() => driver.put(driver.batch(1), aborted)),
        );
        await driver.stop();
      },
    ],
    [
      'hang: start, put, flush and stop end in time while the target does not answer',
      async (world) => {
        if (world.hang === undefined) return;
        const driver = await SinkDriver.start(subject, world);
        await driver.put(driver.batch(1));
        await driver.flush();
        await world.hang();
        const stop = new AbortController();
        const late = new SinkDriver(subject, world);
        const starting = errorOf(() => late.startTask(stop.signal));
        const putting = errorOf(async () => {
          await driver.task.put(driver.batch(2), stop.signal);
          await driver.task.flush?.([], stop.signal);
        });
        await nextTurn();
        stop.abort(new Error('stopped'));
        driver.abort();
        await within(driver.limitMs, 'an aborted put or flush', () => putting);
        await within(driver.limitMs, 'an aborted start', () => starting);
        await driver.stop();
        await late.stop();
      },
    ],
    [
      'metrics: numbers, at any time',
      async (world) => {
        const driver = new SinkDriver(subject, world);
        const look = (): void => {
          for (const [name, value] of Object.entries(driver.task.metrics?.() ?? {}))
            expectThat(typeof value === 'number', `the metric "${name}" is no number`);
        };
        look();
        await within(driver.limitMs, 'start', () => driver.startTask(new AbortController().signal));
        await driver.openPartitions();
        await driver.put(driver.batch(1));
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
