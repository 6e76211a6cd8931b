import { expect, test } from '@jest/globals';
import { DEFAULT_LOG_CONFIG, LogManager } from '../src/index.ts';
import { batch, openTempFolder, recordsOf } from './support.ts';

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

test('what was appended is read, also after a restart', async () => {
  await using folder = await openTempFolder();
  const options = { folders: [folder.path], nodeId: 1 };
  const manager = await LogManager.open(options);
  const config = DEFAULT_LOG_CONFIG;
  const log = await manager.ensure({ topic: 'orders', partition: 0, topicId: TOPIC_ID, config });
  const first = await log.append(batch({ values: ['a', 'b'] }), { leaderEpoch: 3 });
  const second = await log.append(batch({ values: ['c'] }), { leaderEpoch: 3, flush: 'none' });
  expect(first).toMatchObject({ kind: 'appended', baseOffset: 0, lastOffset: 1 });
  expect(second).toMatchObject({ kind: 'appended', baseOffset: 2, lastOffset: 2 });
  const read = await log.read(1, 1000);
  if (read === 'offset-out-of-range') throw new Error(read);
  expect(recordsOf(read.bytes).map((record) => record.value)).toEqual(['a', 'b', 'c']);
  expect(await manager.close()).toBe(true);

  await using again = await LogManager.open(options);
  expect(again.clusterId).toBe(manager.clusterId);
  expect(again.wasCleanStop).toBe(true);
  const reopened = again.find('orders', 0);
  expect(reopened).toMatchObject({
    logEndOffset: 3,
    highWatermark: 3,
    latestEpoch: 3,
    topicId: TOPIC_ID,
  });
  const reread = await reopened?.read(0, 1000);
  if (reread === undefined || reread === 'offset-out-of-range') throw new Error('not read');
  expect(recordsOf(reread.bytes).map((record) => record.offset)).toEqual([0, 1, 2]);
});
