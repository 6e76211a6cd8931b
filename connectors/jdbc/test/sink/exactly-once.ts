import { expect } from '@jest/globals';
import type { SinkTask, SinkTaskContext, TopicPartitionOffset } from '@millrace/connector-api';
import type { MillraceError } from '@millrace/foundation';
import type { SinkRecord } from '@millrace/record';
import { TcpProxy } from '@millrace/test-servers';
import { confluentJdbcSink } from '../../src/index.ts';
import { sinkContext, sinkRecord } from './sink-context.ts';

const never = new AbortController().signal;
const TOPIC = 'numbers';

/** What the tests need of a server, whichever it is. */
export interface Target {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** Of the table `numbers`, whose insert of 0 takes half a second: time to do something in the middle of it. */
  numbers(): Promise<readonly number[]>;
  /** Resolves in the middle of an insert of 0. */
  untilBusy(): Promise<void>;
}

/** A sentence about behaviour, and what tries it. */
export interface SinkPromise {
  readonly name: string;
  readonly run: () => Promise<void>;
}

/** The promises of exactly-once delivery, in plain insert mode into a table without a key. */
export function exactlyOncePromises(target: () => Target): readonly SinkPromise[] {
  const promises: SinkPromise[] = [];
  let tasks: SinkTask[] = [];
  const promise = (name: string, run: () => Promise<void>): void => {
    const cleaning = async (): Promise<void> => {
      try {
        await run();
      } finally {
        for (const task of tasks) await task.stop();
        tasks = [];
      }
    };
    promises.push({ name, run: cleaning });
  };

  const config = (port: number, name = 'once'): Record<string, string> => {
    const { scheme, host, database, user, password } = target();
    return {
      name,
      'connection.url': `jdbc:${scheme}://${host}:${port}/${database}`,
      'connection.user': user,
      'connection.password': password,
      'table.name.format': 'numbers',
      'millrace.exactly.once': 'true',
      'max.retries': '40',
      'retry.backoff.ms': '100',
    };
  };

  interface Started {
    readonly task: SinkTask;
    readonly seeks: TopicPartitionOffset[];
    readonly reports: (readonly [number, string])[];
    readonly put: (...numbers: readonly number[]) => ReturnType<SinkTask['put']>;
  }

  async function start(
    more: Partial<SinkTaskContext> = {},
    port = target().port,
    settings: Record<string, string> = {},
  ): Promise<Started> {
    const task = confluentJdbcSink.createTask();
    tasks.push(task);
    const seeks: TopicPartitionOffset[] = [];
    const reports: (readonly [number, string])[] = [];
    await task.start(
      {
        ...sinkContext({ ...config(port), ...settings }),
        connector: 'once',
        seek: (position) => void seeks.push(position),
        report: (record: SinkRecord, error: MillraceError) => {
          reports.push([record.originalOffset, error.code]);
          return Promise.resolve();
        },
        ...more,
      },
      never,
    );
    await task.open?.([{ topic: TOPIC, partition: 0 }], never);
    const put: Started['put'] = (...numbers) => task.put(numbers.map(recordOf), never);
    return { task, seeks, reports, put };
  }

  /** A number is its own offset; a bad one stands for minus itself. */
  const recordOf = (n: number): SinkRecord =>
    sinkRecord({ topic: TOPIC, offset: Math.abs(n), value: { n: n < 0 ? 'bad' : n } });

  promise(
    'a task goes on from the offset that is stored with the rows, and not from nothing',
    async () => {
      const first = await start();
      expect(first.seeks).toEqual([]);
      expect(await first.put(0, 1, 2)).toEqual([]);
      expect(await first.put(3)).toEqual([]);
      await first.task.stop();
      const second = await start();
      expect(second.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: 4 }]);
      await second.put(4, 7);
      expect(await target().numbers()).toEqual([0, 1, 2, 3, 4, 7]);
    },
  );

  promise('a COMMIT whose answer is lost is not done again', async () => {
    await using proxy = await TcpProxy.start(target());
    const { put } = await start({}, proxy.port);
    await put(1);
    const putting = put(2, 3, 4).then(() => put(5));
    // Cut again and again: some instants are before, some within, some after the commit.
    for (let count = 0; count < 12; count++) {
      await new Promise((resolve) => setTimeout(resolve, 7 + count * 3));
      proxy.cut();
      proxy.restore();
    }
    expect(await putting).toEqual([]);
    expect(await target().numbers()).toEqual([1, 2, 3, 4, 5]);
  });

  promise(
    'the network swallows the answer while the rows are committed: they are not written again',
    async () => {
      await using proxy = await TcpProxy.start(target());
      const { put } = await start({}, proxy.port);
      const putting = put(0, 1, 2);
      await target().untilBusy();
      proxy.silence(); // What was sent goes on in the server; nothing is heard of it.
      await new Promise((resolve) => setTimeout(resolve, 700));
      proxy.cut();
      proxy.restore();
      expect(await putting).toEqual([]);
      expect(await target().numbers()).toEqual([0, 1, 2]);
    },
  );

  promise('a task whose partition was taken over writes nothing more', async () => {
    const zombie = await start({}, target().port, { 'max.retries': '0' });
    await zombie.put(1);
    const heir = await start();
    expect(heir.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: 2 }]);
    await expect(zombie.put(2)).rejects.toMatchObject({ code: 'jdbc.fenced', retry: 'retriable' });
    await heir.put(2, 3);
    await expect(zombie.put(4)).rejects.toMatchObject({ code: 'jdbc.fenced' });
    expect(await target().numbers()).toEqual([1, 2, 3]);
  });

  promise(
    'a task that is taken over in the middle of a batch has all of it or nothing of it',
    async () => {
      const zombie = await start({}, target().port, { 'max.retries': '0' });
      const putting = zombie.put(0, 1, 2).then(
        () => 'committed',
        () => 'refused',
      );
      await target().untilBusy();
      const heir = await start();
      const outcome = await putting;
      expect(heir.seeks).toEqual(
        outcome === 'committed' ? [{ topic: TOPIC, partition: 0, offset: 3 }] : [],
      );
      await heir.put(...(outcome === 'committed' ? [3] : [0, 1, 2, 3]));
      expect(await target().numbers()).toEqual([0, 1, 2, 3]);
    },
  );

  promise(
    "a bad record is in other hands before its offset is stored; if it can't be, nothing is",
    async () => {
      const { put, reports } = await start();
      expect(await put(1, -2, 3)).toEqual([]);
      expect(reports).toEqual([[2, expect.stringMatching(/^jdbc\.value_/)]]);
      const refusing = await start({ report: () => Promise.reject(new Error('no dead letters')) });
      expect(refusing.seeks).toEqual([{ topic: TOPIC, partition: 0, offset: 4 }]);
      await expect(refusing.put(4, -5)).rejects.toThrow('no dead letters');
      expect(await target().numbers()).toEqual([1, 3]);
    },
  );

  promise('a replayed dead letter is written, and moves nothing', async () => {
    const { put, task } = await start();
    await put(1, 2, 3);
    await put(2);
    await put(4);
    expect(await target().numbers()).toEqual([1, 2, 2, 3, 4]);
    await task.close?.([{ topic: TOPIC, partition: 0 }], never);
    expect((await start()).seeks).toEqual([{ topic: TOPIC, partition: 0, offset: 5 }]);
  });

  promise(
    'offsets are altered and reset with those of the group, and who still runs is fenced',
    async () => {
      const running = await start({}, target().port, { 'max.retries': '0' });
      await running.put(1, 2);
      const alter = (offset: number | null): Promise<boolean> | undefined =>
        confluentJdbcSink.alterOffsets?.(
          config(target().port),
          [{ topic: TOPIC, partition: 0, offset }],
          never,
        );
      expect(await alter(2)).toBe(true);
      await expect(running.put(3)).rejects.toMatchObject({ code: 'jdbc.fenced' });
      expect((await start()).seeks).toEqual([{ topic: TOPIC, partition: 0, offset: 2 }]);
      expect(await alter(null)).toBe(true);
      expect((await start()).seeks).toEqual([]);
      expect(
        await confluentJdbcSink.alterOffsets?.(
          { ...config(target().port), 'millrace.exactly.once': 'false' },
          [],
          never,
        ),
      ).toBe(false);
    },
  );
  return promises;
}
