import { expect, test } from '@jest/globals';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { FileDisk, type Disk, type DiskFile } from '@millrace/log';
import { batchOf, BrokerContext } from './broker-context.ts';

/** A real disk that can be full: nothing is made or written then, everything can be read. */
class FillableDisk {
  isFull = false;
  readonly #inner: Disk = new FileDisk();

  get disk(): Disk {
    const inner = this.#inner;
    const check = (): void => {
      if (this.isFull)
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const wrap = (file: DiskFile): DiskFile => ({
      write: async (position, slices) => {
        check();
        await file.write(position, slices);
      },
      read: (position, into) => file.read(position, into),
      sync: () => file.sync(),
      truncate: (bytes) => file.truncate(bytes),
      size: () => file.size(),
      close: () => file.close(),
    });
    return {
      open: async (path, mode) => {
        return wrap(await inner.open(path, mode));
      },
      readWhole: (path) => inner.readWhole(path),
      list: (folder) => inner.list(folder),
      sizeOf: (path) => inner.sizeOf(path),
      space: (folder) => inner.space(folder),
      rename: (from, to) => inner.rename(from, to),
      remove: (path) => inner.remove(path),
      makeFolder: (path) => inner.makeFolder(path),
      removeFolder: (path) => inner.removeFolder(path),
      syncFolder: (path) => inner.syncFolder(path),
      lock: (path) => inner.lock(path),
    };
  }
}

test('a full disk refuses what must be stored with retriable errors, and all goes on when there is room', async () => {
  const fillable = new FillableDisk();
  await using context = await BrokerContext.open({ disk: fillable.disk });
  const client = await context.client('tcp');
  await client.createTopic('t');
  const commit = async (): Promise<number | undefined> => {
    const { topics } = await client.ask(apis.offsetCommit, {
      groupId: 'g',
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 1 }] }],
    });
    return topics[0]?.partitions[0]?.errorCode;
  };
  const create = async (name: string): Promise<number | undefined> =>
    (await client.ask(apis.createTopics, { topics: [{ name }] })).topics[0]?.errorCode;
  expect(await client.produce('t', batchOf(['kept']))).toMatchObject({ baseOffset: 0 });
  expect(await commit()).toBe(0);

  fillable.isFull = true;
  expect((await client.produce('t', batchOf(['lost']))).errorCode).toBe(
    ErrorCode.KAFKA_STORAGE_ERROR,
  );
  expect((await client.produce('t', batchOf(['lost']), { acks: 1 })).errorCode).toBe(
    ErrorCode.KAFKA_STORAGE_ERROR,
  );
  expect(await commit()).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE);
  expect(await create('u')).toBe(ErrorCode.KAFKA_STORAGE_ERROR);
  expect(await client.fetch('t', 0)).toMatchObject({ errorCode: 0, highWatermark: 1 });
  const { topics } = await client.ask(apis.metadata, { topics: [{ name: 'auto' }] });
  expect(topics[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);

  fillable.isFull = false;
  expect(await client.produce('t', batchOf(['next']))).toMatchObject({
    errorCode: 0,
    baseOffset: 1,
  });
  expect(await commit()).toBe(0);
  expect(await create('u')).toBe(0);
});
