import { expect, test } from '@jest/globals';
import { DEFAULT_LOG_CONFIG, LogManager, SimDisk, type LogManagerOptions } from '../src/index.ts';
import { errno, TOPIC_ID } from './log-context.ts';
import { batch, ManualClock, recordsOf, seededRandom } from './support.ts';

const FOLDERS = ['/a', '/b', '/c'];
const FAST = { ...DEFAULT_LOG_CONFIG, 'segment.bytes': 300 };

/** A broker's logs in three folders on one simulated disk, where paths fail at will. */
class Folders implements AsyncDisposable {
  readonly disk = new SimDisk();
  readonly clock = new ManualClock();
  failures: string[] = [];
  #manager: LogManager | undefined;

  static async open(options: Partial<LogManagerOptions> = {}): Promise<Folders> {
    const folders = new Folders();
    await folders.start(options);
    return folders;
  }

  get manager(): LogManager {
    if (this.#manager === undefined) throw new Error('not started');
    return this.#manager;
  }

  async start(options: Partial<LogManagerOptions> = {}): Promise<void> {
    this.#manager = await LogManager.open({
      disk: this.disk.forProcess(),
      folders: FOLDERS,
      nodeId: 1,
      clock: this.clock,
      random: seededRandom(1),
      configFor: () => FAST,
      onAllFoldersFailed: (error) => this.failures.push(error.code),
      ...options,
    });
  }

  async restart(options: Partial<LogManagerOptions> = {}): Promise<void> {
    await this.manager.close();
    await this.start(options);
  }

  breakFolder(path: string, code = 'EIO'): void {
    const before = this.disk.fault;
    this.disk.fault = (operation) =>
      operation.path === path || operation.path.startsWith(`${path}/`)
        ? errno(code)
        : before(operation);
  }

  ensure(partition: number): ReturnType<LogManager['ensure']> {
    return this.manager.ensure({ topic: 't', partition, topicId: TOPIC_ID, config: FAST });
  }

  async append(partition: number, value: string): Promise<string> {
    const log = await this.ensure(partition);
    const bytes = batch({ values: [value], timestampMs: this.clock.nowMs() });
    const result = await log.append(bytes, { leaderEpoch: 0 });
    return result.kind === 'refused' ? result.reason : 'appended';
  }

  async values(partition: number): Promise<unknown[]> {
    const log = this.manager.find('t', partition);
    const values: unknown[] = [];
    for (let offset = log?.logStartOffset ?? 0; log !== undefined;) {
      const read = await log.read(offset, 100_000, { minOneMessage: true });
      if (typeof read === 'string') throw new Error(read);
      if (read.bytes.byteLength === 0) break;
      values.push(...recordsOf(read.bytes).map((record) => record.value));
      offset = read.nextOffset;
    }
    return values;
  }

  folderOf(partition: number): string {
    return this.manager.find('t', partition)?.folder.split('/')[1] ?? 'none';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#manager?.close();
  }
}

test('new logs go where the fewest are, and are found there after a restart', async () => {
  await using folders = await Folders.open();
  for (let partition = 0; partition < 9; partition += 1) {
    await folders.append(partition, `v${partition}`);
  }
  const places = (): string[] => Array.from({ length: 9 }, (_, at) => folders.folderOf(at));
  const before = places();
  expect([...before].sort().join('')).toBe('aaabbbccc');
  await folders.restart();
  expect(places()).toEqual(before);
  expect(folders.manager.directoryIds).toHaveLength(3);
  expect(new Set(folders.manager.directoryIds).size).toBe(3);
  const described = await folders.manager.describeFolders();
  expect(described.map(({ path, logs }) => [path, logs.length])).toEqual([
    ['/a', 3],
    ['/b', 3],
    ['/c', 3],
  ]);
});

test.each(['EIO', 'EROFS'])(
  'a folder whose disk fails with %s takes its partitions offline and no others',
  async (code) => {
    await using folders = await Folders.open();
    for (let partition = 0; partition < 6; partition += 1) await folders.append(partition, 'kept');
    folders.breakFolder('/b', code);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, (_, partition) => folders.append(partition, 'next')),
    );
    for (let partition = 0; partition < 6; partition += 1) {
      const isLost = folders.folderOf(partition) === 'b';
      expect([partition, outcomes[partition]]).toEqual([
        partition,
        isLost ? 'offline' : 'appended',
      ]);
      expect(folders.manager.find('t', partition)?.isOffline).toBe(isLost);
    }
    expect(folders.manager.figures.offlineFolderCount).toBe(1);
    // New logs avoid it, and the background work goes on.
    for (let partition = 6; partition < 10; partition += 1) {
      expect(await folders.append(partition, 'new')).toBe('appended');
      expect(folders.folderOf(partition)).not.toBe('b');
    }
    await folders.manager.checkpoint();
    await folders.manager.enforceRetention();
    expect(folders.failures).toEqual([]);
    const described = await folders.manager.describeFolders();
    expect(described.map(({ isOffline }) => isOffline)).toEqual([false, true, false]);
  },
);

test('a folder that fails at the start leaves its partitions offline; mended, they have all their records', async () => {
  await using folders = await Folders.open();
  for (let partition = 0; partition < 6; partition += 1) await folders.append(partition, 'kept');
  const lost = [0, 1, 2, 3, 4, 5].filter((partition) => folders.folderOf(partition) === 'b');
  await folders.manager.close();
  folders.breakFolder('/b');
  await folders.start();
  for (const partition of [0, 1, 2, 3, 4, 5]) {
    if (lost.includes(partition)) {
      // It must not begin anew in another folder: its records would seem gone.
      await expect(folders.ensure(partition)).rejects.toMatchObject({ code: 'log.folder_offline' });
    } else {
      expect(await folders.append(partition, 'next')).toBe('appended');
    }
  }
  expect(await folders.append(6, 'new')).toBe('appended');
  await folders.manager.close();
  folders.disk.fault = () => undefined;
  await folders.start();
  for (const partition of lost) expect(await folders.values(partition)).toEqual(['kept']);
  expect(await folders.values(6)).toEqual(['new']);
});

test('damaged properties take their folder offline; those of another cluster stop the start', async () => {
  for (const damage of ['', 'garbage', 'version=7\n', 'version=1\nnode.id=x\n']) {
    await using folders = await Folders.open();
    await folders.append(0, 'a');
    await folders.manager.close();
    const file = await folders.disk.open('/b/meta.properties', 'existing');
    await file.truncate(0);
    await file.write(0, [Buffer.from(damage)]);
    await folders.start();
    expect([damage, folders.manager.figures.offlineFolderCount]).toEqual([damage, 1]);
    expect(folders.disk.contentOf('/b/meta.properties')).toEqual(
      new Uint8Array(Buffer.from(damage)),
    );
  }
  await using folders = await Folders.open();
  await folders.manager.close();
  const foreign = { clusterId: 'another' };
  await expect(folders.start(foreign)).rejects.toMatchObject({ code: 'log.folder_of_another' });
});

test('when the last folder fails the owner is told once; a start without any folder throws', async () => {
  await using folders = await Folders.open();
  for (let partition = 0; partition < 3; partition += 1) await folders.append(partition, 'a');
  for (const [index, path] of FOLDERS.entries()) {
    folders.breakFolder(path);
    for (let partition = 0; partition < 3; partition += 1) {
      await folders.append(partition, 'b').catch(() => undefined);
    }
    expect(folders.failures).toEqual(index === 2 ? ['log.all_folders_failed'] : []);
  }
  expect(await folders.manager.close()).toBe(false);
  await expect(folders.start()).rejects.toMatchObject({ code: 'log.all_folders_failed' });
});

test('a log moves to another folder while it is written and read', async () => {
  for (let seed = 1; seed <= 6; seed += 1) {
    const random = seededRandom(seed);
    await using folders = await Folders.open();
    const expected: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      expected.push(`v${index}`);
      await folders.append(0, `v${index}`);
    }
    const { manager } = folders;
    await manager.deleteRecordsBefore(await folders.ensure(0), 3);
    expected.splice(0, 3);
    const from = folders.folderOf(0);
    const to = FOLDERS.find((path) => path !== `/${from}`) ?? '';
    expect(manager.moveLog('t', 0, to)).toBe('moving');
    const move = { isOver: false };
    const moved = manager.movesSettled().then(() => (move.isOver = true));
    for (let index = 20; !move.isOver || index < 30; index += 1) {
      expected.push(`v${index}`);
      expect(await folders.append(0, `v${index}`)).toBe('appended');
      if (random.nextInt(3) === 0) expect(await folders.values(0)).toEqual(expected);
    }
    await moved;
    expect(folders.folderOf(0)).toBe(to.slice(1));
    expect(await folders.values(0)).toEqual(expected);
    await folders.append(0, 'after');
    expected.push('after');
    const mark = (await manager.describeFolders()).map(({ logs }) => logs.length);
    expect(mark.reduce((sum, count) => sum + count, 0)).toBe(1);
    if (seed % 2 === 0) await folders.restart();
    else {
      folders.disk.crash();
      await manager.close();
      await folders.start();
    }
    expect(folders.folderOf(0)).toBe(to.slice(1));
    expect(await folders.values(0)).toEqual(expected);
    expect(folders.manager.find('t', 0)?.logStartOffset).toBe(3);
  }
});

test('a crash at any operation of a move loses nothing, and the move is done after the start', async () => {
  for (let stopAt = 0; ; stopAt += 3) {
    await using folders = await Folders.open();
    const expected = ['a', 'b', 'c', 'd', 'e'];
    for (const value of expected) await folders.append(0, value);
    const from = folders.folderOf(0);
    const to = FOLDERS.find((path) => path !== `/${from}`) ?? '';
    let operations = 0;
    const state = { hasCrashed: false };
    folders.disk.fault = () => {
      operations += 1;
      if (operations <= stopAt || state.hasCrashed) return undefined;
      state.hasCrashed = true;
      folders.disk.crash(stopAt % 2 === 0 ? undefined : seededRandom(stopAt));
      return errno('EIO');
    };
    folders.manager.moveLog('t', 0, to);
    await folders.manager.movesSettled();
    folders.disk.fault = () => undefined;
    const { hasCrashed } = state;
    if (!hasCrashed) break;
    await folders.manager.close();
    await folders.start();
    expect([stopAt, await folders.values(0)]).toEqual([stopAt, expected]);
    await folders.manager.movesSettled();
    expect([stopAt, await folders.values(0)]).toEqual([stopAt, expected]);
    expect(folders.disk.paths().filter((path) => path.includes('-future'))).toEqual([]);
  }
});

test('a log of no topic is set aside with its records and left alone by later starts', async () => {
  await using folders = await Folders.open();
  await folders.append(0, 'precious');
  const path = await folders.manager.setAside('t', 0);
  expect(path).toMatch(/\/t-0\.[0-9a-f]{32}-stray$/);
  expect(folders.manager.find('t', 0)).toBeUndefined();
  folders.clock.advance(86_400_000);
  await folders.manager.deleteFilesDue();
  await folders.restart();
  expect(folders.manager.find('t', 0)).toBeUndefined();
  const kept = folders.disk.paths().filter((file) => file.startsWith(`${path ?? ''}/`));
  expect(kept.some((file) => file.endsWith('.log'))).toBe(true);
});
