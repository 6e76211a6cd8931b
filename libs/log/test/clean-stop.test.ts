import { expect, test } from '@jest/globals';
import type { SimOperation } from '../src/sim-disk.ts';
import { LogContext, TOPIC_ID } from './log-context.ts';

/** What a close does to the disk that costs a wait for the platter, without the path of the data folder. */
async function syncsOfClose(context: LogContext): Promise<string[]> {
  return (await operationsOfClose(context))
    .filter(({ kind }) => kind === 'sync' || kind === 'syncFolder')
    .map(({ kind, path }) => `${kind} ${path.slice('/data'.length)}`);
}

async function operationsOfClose({ disk, manager }: LogContext): Promise<SimOperation[]> {
  const operations: SimOperation[] = [];
  disk.fault = (operation) => {
    operations.push(operation);
    return undefined;
  };
  expect(await manager.close()).toBe(true);
  disk.fault = () => undefined;
  return operations;
}

const ofLogs = (syncs: readonly string[]): string[] => syncs.filter((sync) => sync.includes('/t-'));

const LOG = '/t-0/00000000000000000000';

test('the close of a log that is as it was costs no sync', async () => {
  await using context = await LogContext.open();
  await context.append(['a']);
  await context.restart();
  expect(await context.values()).toEqual(['a']);
  expect(ofLogs(await syncsOfClose(context))).toEqual([]);
  await context.start();
  expect(await context.values()).toEqual(['a']);
});

test('a new log with records pays one sync for each file that changed, and one for its folder', async () => {
  await using context = await LogContext.open({}, { flushPolicy: 'none' });
  await context.append(['a']);
  expect(ofLogs(await syncsOfClose(context))).toEqual([
    `sync ${LOG}.timeindex`,
    'sync /t-0/leader-epoch-checkpoint.tmp',
    `sync ${LOG}.log`,
    'syncFolder /t-0',
  ]);
});

test('records that were flushed, in an epoch that was saved, cost the last entry of the time index', async () => {
  await using context = await LogContext.open();
  await context.append(['a']);
  await context.restart();
  await context.append({ values: ['b'], timestampMs: context.now + 1 });
  expect(ofLogs(await syncsOfClose(context))).toEqual([`sync ${LOG}.timeindex`]);
});

test('a new log without records costs nothing', async () => {
  await using context = await LogContext.open();
  expect(ofLogs(await syncsOfClose(context))).toEqual([]);
});

test('the checkpoints are written once for all logs, and the mark comes last', async () => {
  await using context = await LogContext.open();
  for (let partition = 1; partition < 20; partition += 1) {
    const { config } = context;
    await context.manager.ensure({ topic: 't', partition, topicId: TOPIC_ID, config });
  }
  await context.append(['a']);
  const operations = await operationsOfClose(context);
  const ofFolder = operations.filter(({ kind, path }) => kind === 'sync' && !path.includes('/t-'));
  const names = ofFolder.map(({ path }) => path.slice('/data/'.length, -'.tmp'.length));
  expect(names).toEqual([
    'recovery-point-offset-checkpoint',
    'replication-offset-checkpoint',
    'log-start-offset-checkpoint',
    '.millrace_logs.json',
    '.kafka_cleanshutdown',
  ]);
  const changes = operations.filter(({ kind }) => kind === 'rename' || kind === 'syncFolder');
  expect(changes.at(-2)?.path).toContain('.kafka_cleanshutdown');
  expect(changes.at(-1)).toEqual({ kind: 'syncFolder', path: '/data' });
});

test('all that a clean stop leaves survives a loss of power, also what a checkpoint had only written', async () => {
  await using context = await LogContext.open(
    { 'segment.bytes': 400, 'index.interval.bytes': 0 },
    { flushPolicy: 'none' },
  );
  for (let index = 0; index < 12; index += 1) {
    await context.append(
      {
        values: [`v${index}`],
        timestampMs: context.now + index,
        producerId: 1,
        producerEpoch: 0,
        baseSequence: index,
      },
      Math.floor(index / 3),
    );
    // The entries are in the files of the indexes from here on, but not on the platter.
    if (index % 2 === 1) await context.manager.checkpoint();
  }
  expect(await context.manager.close()).toBe(true);
  const { disk } = context;
  // Snapshots are checked when they are read, and built again.
  const paths = disk.paths().filter((path) => !path.endsWith('.snapshot'));
  const before = paths.map((path) => [path, Buffer.from(disk.contentOf(path) ?? []).toString()]);
  disk.crash();
  const after = paths.map((path) => [path, Buffer.from(disk.contentOf(path) ?? []).toString()]);
  expect(after).toEqual(before);
  await context.start();
  expect(context.manager.wasCleanStop).toBe(true);
  expect([...context.log.producerStates()]).toMatchObject([{ producerId: 1 }]);
});

test('a producer snapshot is written only where producers are known, or were', async () => {
  await using context = await LogContext.open();
  const snapshots = (): string[] =>
    context.disk.paths().filter((path) => path.endsWith('.snapshot'));
  await context.append(['a']);
  await context.restart();
  expect(snapshots()).toEqual([]);
  await context.append({ values: ['b'], producerId: 1, producerEpoch: 0, baseSequence: 0 });
  await context.restart();
  expect(snapshots()).toEqual(['/data/t-0/00000000000000000002.snapshot']);
});

test('a snapshot of records that were lost is not believed when others have their offsets', async () => {
  await using context = await LogContext.open();
  await context.append(['a']);
  await context.append({ values: ['b'], producerId: 1, producerEpoch: 0, baseSequence: 0 });
  await context.manager.close();
  const lost = '/data/t-0/00000000000000000002.snapshot';
  expect(context.disk.paths()).toContain(lost);
  const log = await context.disk.open(`/data${LOG}.log`, 'existing');
  await log.truncate((await log.size()) - 1);
  await context.disk.remove('/data/.kafka_cleanshutdown');
  await context.start();
  expect(await context.values()).toEqual(['a']);
  expect(context.disk.paths()).not.toContain(lost);
});
