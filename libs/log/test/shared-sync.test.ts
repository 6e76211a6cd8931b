import { expect, test } from '@jest/globals';
import { deferred, type Deferred } from '@millrace/foundation';
import type { Disk } from '../src/disk.ts';
import { SharedSync } from '../src/shared-sync.ts';

/** All that follows from what has happened so far. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A disk whose syncs end when the test says so. */
function slowDisk(): { readonly disk: Disk; readonly syncs: Deferred<undefined>[] } {
  const syncs: Deferred<undefined>[] = [];
  const syncFolder = (): Promise<void> => {
    const sync = deferred<undefined>();
    syncs.push(sync);
    return sync.promise;
  };
  return { disk: { syncFolder } as unknown as Disk, syncs };
}

test('who comes while a sync runs waits for the next one, together with all others', async () => {
  const { disk, syncs } = slowDisk();
  const shared = new SharedSync(disk, '/data');
  const ended: string[] = [];
  const first = shared.sync().then(() => ended.push('first'));
  const others = ['second', 'third'].map((name) => shared.sync().then(() => ended.push(name)));
  expect(syncs).toHaveLength(1);
  syncs[0]?.resolve(undefined);
  await first;
  await turn();
  expect(ended).toEqual(['first']);
  expect(syncs).toHaveLength(2);
  syncs[1]?.resolve(undefined);
  await Promise.all(others);
  expect(ended).toEqual(['first', 'second', 'third']);
  void shared.sync();
  expect(syncs).toHaveLength(3);
});

test('a sync that fails is told to those who waited for it, and the next one is tried', async () => {
  const { disk, syncs } = slowDisk();
  const shared = new SharedSync(disk, '/data');
  const first = shared.sync();
  const second = shared.sync();
  syncs[0]?.reject(new Error('EIO'));
  await expect(first).rejects.toThrow('EIO');
  await turn();
  expect(syncs).toHaveLength(2);
  syncs[1]?.resolve(undefined);
  await expect(second).resolves.toBeUndefined();
});
