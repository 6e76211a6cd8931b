import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openBroker } from '../src/index.ts';
import { silentLogger, systemClock, systemRandom, type Clock } from '@millrace/foundation';
import { KafkaClient, type ConsumedRecord } from '@millrace/kafka-client';

const DAY_MS = 24 * 3_600_000;

/** The wall clock of a machine whose time is set; the monotonic one goes on, as on a real machine. */
class SetClock implements Clock {
  #offsetMs = 0;

  jump(ms: number): void {
    this.#offsetMs += ms;
  }

  nowMs(): number {
    return systemClock.nowMs() + this.#offsetMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(durationMs, signal);
  }
}

async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  const startedMs = systemClock.monotonicMs();
  while (!(await condition())) {
    if (systemClock.monotonicMs() - startedMs > 60_000) throw new Error(`not reached: ${what}`);
    await systemClock.sleep(20);
  }
}

test.each([
  ['a day ahead', DAY_MS],
  ['a day back', -DAY_MS],
])(
  'the wall clock is set %s: members stay, an open transaction commits, nothing is lost or expired, a restart finds all',
  async (_what, jumpMs) => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-clock-'));
    const clock = new SetClock();
    const config = {
      'log.dirs': folder,
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'log.retention.check.interval.ms': '100',
      'group.initial.rebalance.delay.ms': '0',
      'offsets.retention.minutes': '10',
    };
    // Of the same machine: whose clock is right else refuses what seems to come from tomorrow, as Kafka does.
    const ports = { clock, random: systemRandom, log: silentLogger };
    const open = async () => {
      const broker = await openBroker({ config, clock });
      const client = new KafkaClient({
        bootstrap: broker.addresses,
        transport: broker.transport('clock'),
        ...ports,
      });
      return { broker, client };
    };
    try {
      let { broker, client } = await open();
      await client.admin.createTopics([{ name: 't', partitions: 1 }]);
      const seen: string[] = [];
      let rebalances = 0;
      const consumer = client.consumer({
        groupId: 'g',
        topics: ['t'],
        autoOffsetReset: 'earliest',
        isolationLevel: 'read_committed',
        onAssigned: () => {
          rebalances++;
          return Promise.resolve();
        },
      });
      const take = (records: readonly ConsumedRecord[]): void => {
        for (const { value } of records) seen.push(Buffer.from(value ?? []).toString());
      };
      const poll = async (): Promise<void> => {
        take(await consumer.poll({ timeoutMs: 50 }));
      };
      const send = async (value: string): Promise<void> => {
        const { delivered } = await producer.send([record(value)]);
        expect((await delivered).failures).toEqual([]);
      };
      const producer = client.producer({ acks: 'all', enableIdempotence: true, lingerMs: 0 });
      await send('before');
      await until('before is read', async () => {
        await poll();
        return seen.includes('before');
      });
      await consumer.commit([{ topic: 't', partition: 0, offset: 1 }]);
      const transactional = client.transactionalProducer({
        transactionalId: 'tx',
        transactionTimeoutMs: 60_000,
        lingerMs: 0,
      });
      await transactional.initTransactions();
      transactional.beginTransaction();
      await (
        await transactional.send([record('in the transaction')])
      ).delivered;

      clock.jump(jumpMs);
      // Rounds of retention, expiry and time-outs go by.
      for (let round = 0; round < 10; round++) {
        await systemClock.sleep(100);
        await poll();
      }
      await send('after');
      await transactional.commitTransaction();
      await until('all is read', async () => {
        await poll();
        return seen.includes('after');
      });
      expect(seen).toEqual(['before', 'in the transaction', 'after']);
      expect(rebalances).toBe(1);
      expect(await client.admin.listGroupOffsets('g')).toMatchObject([{ topic: 't', offset: 1 }]);
      await consumer.close();
      await transactional.close();
      await producer.close();
      await client.close();
      await broker.close();

      ({ broker, client } = await open());
      await using reader = client.reader({ topic: 't', isolationLevel: 'read_committed' });
      const again: string[] = [];
      await reader.readToEnd((records) => {
        for (const { value } of records) again.push(Buffer.from(value ?? []).toString());
      }, new AbortController().signal);
      expect(again).toEqual(['before', 'in the transaction', 'after']);
      await client.close();
      await broker.close();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  60_000,
);

function record(value: string) {
  return {
    topic: 't',
    partition: 0,
    key: null,
    value: Buffer.from(value),
    timestampMs: null,
    headers: [],
  };
}
