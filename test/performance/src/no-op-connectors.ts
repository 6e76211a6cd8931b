import type { SinkConnector, SourceConnector, SourceTask } from '@millrace/connector-api';
import { systemClock } from '@millrace/foundation';
import type { SourceRecord } from '@millrace/record';

const BATCH_RECORDS = 1_000;

/** A source whose records cost nothing to make: the same values again and again, as many as it is let. */
export class NoOpSource {
  available = 0;
  committed = 0;
  /** Told of each commit. */
  onCommit: () => void = () => undefined;
  readonly #value = {
    id: 1_234_567,
    customer: 'c-00012345',
    status: 'shipped',
    price: 123.45,
    quantity: 3,
    active: true,
    note: 'x'.repeat(90),
  };

  /** Of one value as JSON. */
  get valueBytes(): number {
    return JSON.stringify(this.#value).length;
  }

  plugin(): SourceConnector {
    return {
      kind: 'source',
      name: 'no-op-source',
      javaClasses: [],
      version: '1',
      fields: {},
      taskConfigs: (config) => Promise.resolve([config]),
      exactlyOnceSupport: () => 'supported',
      createTask: () => this.#task(),
    };
  }

  #task(): SourceTask {
    let next = 0;
    const sourcePartition = { source: 'bench' };
    return {
      start: ({ offsets }) => {
        next = Number(offsets.find(sourcePartition)?.['n'] ?? 0);
        return Promise.resolve();
      },
      poll: async (signal) => {
        if (next >= this.available) await systemClock.sleep(5, signal).catch(() => undefined);
        const records: SourceRecord[] = [];
        const end = Math.min(this.available, next + BATCH_RECORDS);
        for (; next < end; next++)
          records.push({
            topic: 'bench',
            partition: null,
            keySchema: null,
            key: null,
            valueSchema: null,
            value: this.#value,
            timestampMs: null,
            headers: [],
            sourcePartition,
            sourceOffset: { n: next + 1 },
          });
        return records;
      },
      commit: (offsets) => {
        for (const { offset } of offsets) this.committed = Number(offset['n']);
        this.onCommit();
        return Promise.resolve();
      },
      stop: () => Promise.resolve(),
    };
  }
}

/** A sink that only counts. */
export class NoOpSink {
  count = 0;

  plugin(): SinkConnector {
    return {
      kind: 'sink',
      name: 'no-op-sink',
      javaClasses: [],
      version: '1',
      fields: {},
      taskConfigs: (config) => Promise.resolve([config]),
      createTask: () => ({
        start: () => Promise.resolve(),
        put: (records) => {
          this.count += records.length;
          return Promise.resolve([]);
        },
        stop: () => Promise.resolve(),
      }),
    };
  }
}
