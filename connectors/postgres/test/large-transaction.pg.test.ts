import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { Runner, TestDatabase, value } from './harness.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is kept, whatever the collector has not come to yet. */
function keptBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('a transaction of 500,000 rows is streamed before it commits, in flat memory', async () => {
  await using database = await TestDatabase.start({
    max_wal_size: '4GB',
    logical_decoding_work_mem: '16MB',
  });
  await database.sql('CREATE TABLE large (id int PRIMARY KEY, v text)');
  await using runner = await new Runner(database.config({ 'snapshot.mode': 'no_data' })).start();
  await runner.poll();
  await database.sql(
    `INSERT INTO large SELECT g, repeat('x', 200) FROM generate_series(1, 500000) g`,
  );
  let rows = 0;
  let bytes = 0;
  let lastId = 0;
  let lookedAt = 0;
  let startBytes = 0;
  let peakBytes = 0;
  let spilledBytes = 0;
  while (rows < 500_000) {
    const batch = await runner.poll();
    spilledBytes = Math.max(
      spilledBytes,
      runner.task.metrics?.()['transactions_spilled_bytes'] ?? 0,
    );
    for (const record of batch)
      bytes += (record.json?.value?.length ?? 0) + (record.json?.key?.length ?? 0);
    const last = batch.at(-1);
    if (last === undefined) continue;
    rows += batch.length;
    lastId = (last.key as { id: number }).id;
    if (rows > 20_000 && startBytes === 0) startBytes = keptBytes();
    if (rows - lookedAt > 20_000) {
      lookedAt = rows;
      peakBytes = Math.max(peakBytes, keptBytes());
    }
    await runner.task.commit?.(
      [{ partition: last.sourcePartition, offset: last.sourceOffset }],
      new AbortController().signal,
    );
  }
  expect(lastId).toBe(500_000);
  expect(bytes).toBeGreaterThan(300_000_000);
  expect(spilledBytes).toBeGreaterThan(100_000_000);
  expect(peakBytes - startBytes).toBeLessThan(60_000_000);
}, 300_000);

test('a snapshot of a large table waits for its reader', async () => {
  await using database = await TestDatabase.start();
  await database.sql('CREATE TABLE wide (id int PRIMARY KEY, v text)');
  await database.sql(
    `INSERT INTO wide SELECT g, repeat('x', 100000) FROM generate_series(1, 1000) g`,
  );
  await using runner = await new Runner(
    database.config({ 'max.queue.size.in.bytes': '1000000' }),
  ).start();
  let rows = 0;
  const startRss = process.memoryUsage.rss();
  let peakRss = 0;
  while (rows < 1000) {
    const batch = await runner.poll();
    rows += batch.length;
    expect(batch.length).toBeLessThan(60);
    for (const record of batch)
      expect((value(record)['after'] as { v: string }).v.length).toBe(100_000);
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
  }
  expect(peakRss - startRss).toBeLessThan(150_000_000);
});

test('a row of 100 MB passes, from snapshot and stream, in the room of two of them', async () => {
  await using database = await TestDatabase.start();
  await database.sql('CREATE TABLE huge (id int PRIMARY KEY, v text)');
  const insert = (id: number): string =>
    `INSERT INTO huge SELECT ${id}, repeat('${id}', 100000000)`;
  await database.sql(insert(1));
  await using runner = await new Runner(database.config()).start();
  const startBytes = keptBytes();
  for (const id of [1, 2]) {
    if (id === 2) await database.sql(insert(2));
    let isRead = false;
    while (!isRead)
      for (const record of await runner.poll()) {
        expect(record.json?.value?.length).toBeGreaterThan(100_000_000);
        expect(keptBytes() - startBytes).toBeLessThan(250_000_000);
        isRead = true;
      }
  }
  await database.sql("INSERT INTO huge VALUES (3, 'small')");
  let keys: unknown[] = [];
  while (keys.length === 0) keys = (await runner.poll()).map((record) => record.key);
  expect(keys).toEqual([{ id: 3 }]);
}, 120_000);
