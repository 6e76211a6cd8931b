import { expect, test } from '@jest/globals';
import { apis, ErrorCode, ZERO_UUID } from '@millrace/kafka-protocol';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBroker } from '../src/index.ts';
import { batchOf, BrokerContext, TRANSPORTS, type RawClient } from './broker-context.ts';

async function tempFolders(count: number): Promise<{ paths: string[] } & AsyncDisposable> {
  const paths: string[] = [];
  for (let index = 0; index < count; index += 1) {
    paths.push(await mkdtemp(join(tmpdir(), 'millrace-dirs-')));
  }
  return {
    paths,
    [Symbol.asyncDispose]: async () => {
      for (const path of paths) await rm(path, { recursive: true, force: true });
    },
  };
}

type Placed = { dir: string; partition: number; size: number; isFuture: boolean };

async function placesOf(client: RawClient, topic: string): Promise<Placed[]> {
  const { results } = await client.ask(apis.describeLogDirs, { topics: null });
  return results.flatMap(({ logDir, topics }) =>
    topics
      .filter(({ name }) => name === topic)
      .flatMap(({ partitions }) =>
        partitions.map(({ partitionIndex, partitionSize, isFutureKey }) => ({
          dir: logDir,
          partition: partitionIndex,
          size: partitionSize,
          isFuture: isFutureKey,
        })),
      ),
  );
}

test.each(TRANSPORTS)('log dirs are described and logs moved between them (%s)', async (kind) => {
  await using folders = await tempFolders(2);
  const [first = '', second = ''] = folders.paths;
  await using context = await BrokerContext.open({ config: { 'log.dirs': `${first},${second}` } });
  const client = await context.client(kind);
  await client.createTopic('t', 4);
  for (let partition = 0; partition < 4; partition += 1) {
    await client.produce('t', batchOf(['a', 'b']), { partition });
  }
  const places = await placesOf(client, 't');
  expect(places.map(({ dir }) => dir).sort()).toEqual([first, first, second, second].sort());
  for (const { size, isFuture } of places) expect([size > 60, isFuture]).toEqual([true, false]);

  const one = { topics: [{ topic: 't', partitions: [1] }] };
  const { results } = await client.ask(apis.describeLogDirs, one);
  expect(results.flatMap(({ topics }) => topics.map(({ name }) => name))).toEqual(['t']);
  for (const { errorCode, totalBytes, usableBytes } of results) {
    expect(errorCode).toBe(ErrorCode.NONE);
    expect(totalBytes).toBeGreaterThan(usableBytes);
    expect(usableBytes).toBeGreaterThan(0);
  }

  const from = places.find(({ partition }) => partition === 1)?.dir;
  const to = from === first ? second : first;
  const moved = await client.ask(apis.alterReplicaLogDirs, {
    dirs: [
      { path: to, topics: [{ name: 't', partitions: [1, 9] }] },
      { path: '/nowhere', topics: [{ name: 't', partitions: [2] }] },
    ],
  });
  expect(moved.results).toEqual([
    {
      topicName: 't',
      partitions: [
        { partitionIndex: 1, errorCode: ErrorCode.NONE },
        { partitionIndex: 9, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION },
        { partitionIndex: 2, errorCode: ErrorCode.LOG_DIR_NOT_FOUND },
      ],
    },
  ]);
  const now = async (): Promise<string | undefined> =>
    (await placesOf(client, 't')).find(({ partition, isFuture }) => partition === 1 && !isFuture)
      ?.dir;
  while ((await now()) !== to) await client.produce('t', batchOf(['more']), { partition: 1 });
  const { highWatermark, records } = await client.fetch('t', 0, { partition: 1 });
  expect(highWatermark).toBeGreaterThanOrEqual(2);
  expect(records?.byteLength ?? 0).toBeGreaterThan(60);
  await context.restart();
  const again = await context.client(kind);
  expect(await placesOf(again, 't')).toContainEqual(
    expect.objectContaining({ partition: 1, dir: to }),
  );
});

test('a folder that is gone at the start takes its partitions offline, and comes back with them', async () => {
  await using folders = await tempFolders(2);
  const [first = '', second = ''] = folders.paths;
  const config = { 'log.dirs': `${first},${second}` };
  await using context = await BrokerContext.open({ config });
  const client = await context.client('tcp');
  await client.createTopic('t', 4);
  for (let partition = 0; partition < 4; partition += 1) {
    await client.produce('t', batchOf(['kept']), { partition });
  }
  const lost = (await placesOf(client, 't'))
    .filter(({ dir }) => dir === second)
    .map(({ partition }) => partition);
  await context.broker.close();
  // A file where the folder was: it can neither be read nor made.
  await rename(second, `${second}.away`);
  await writeFile(second, '');
  await context.restart();
  const crippled = await context.client('tcp');
  for (let partition = 0; partition < 4; partition += 1) {
    const { errorCode } = await crippled.produce('t', batchOf(['next']), { partition });
    const expected = lost.includes(partition) ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NONE;
    expect([partition, errorCode]).toEqual([partition, expected]);
  }
  const { results } = await crippled.ask(apis.describeLogDirs, { topics: null });
  expect(results.map(({ logDir, errorCode }) => [logDir, errorCode])).toEqual([
    [first, ErrorCode.NONE],
    [second, ErrorCode.KAFKA_STORAGE_ERROR],
  ]);
  const { topics } = await crippled.ask(apis.metadata, {
    topics: [{ name: 't', topicId: ZERO_UUID }],
  });
  for (const { partitionIndex, leaderId, offlineReplicas } of topics[0]?.partitions ?? []) {
    const isLost = lost.includes(partitionIndex);
    expect([partitionIndex, leaderId, offlineReplicas]).toEqual([
      partitionIndex,
      isLost ? -1 : 1,
      isLost ? [1] : [],
    ]);
  }
  await context.broker.close();
  await rm(second);
  await rename(`${second}.away`, second);
  await context.restart();
  const mended = await context.client('tcp');
  for (const partition of lost) {
    expect(await mended.fetch('t', 0, { partition })).toMatchObject({
      errorCode: 0,
      highWatermark: 1,
    });
  }
});

test('a broker without a folder that works does not start, and says why', async () => {
  await using folders = await tempFolders(1);
  const path = join(folders.paths[0] ?? '', 'file');
  await writeFile(path, '');
  const config = { listeners: 'PLAINTEXT://127.0.0.1:0', 'log.dirs': join(path, 'data') };
  await expect(openBroker({ config })).rejects.toMatchObject({
    code: 'log.all_folders_failed',
    message: expect.stringContaining('ENOTDIR') as unknown,
  });
});
