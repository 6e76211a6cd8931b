import { expect, test } from '@jest/globals';
import { deferred } from '@millrace/foundation';
import type { Disk, DiskFile } from '../src/disk.ts';
import { SimDisk } from '../src/index.ts';
import { LogContext } from './log-context.ts';
import { batch } from './support.ts';

/** A disk whose syncs of indexes wait until they are let go. */
function heldDisk(inner: Disk): { readonly disk: Disk; readonly letGo: () => void } {
  const gate = deferred<undefined>();
  const open: Disk['open'] = async (path, mode): Promise<DiskFile> => {
    const file = await inner.open(path, mode);
    if (!path.endsWith('index')) return file;
    return {
      write: (position, slices) => file.write(position, slices),
      read: (position, into) => file.read(position, into),
      sync: () => gate.promise.then(() => file.sync()),
      truncate: (bytes) => file.truncate(bytes),
      size: () => file.size(),
      close: () => file.close(),
    };
  };
  const disk = new Proxy(inner, {
    get(target, key): unknown {
      if (key === 'open') return open;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { disk, letGo: () => gate.resolve(undefined) };
}

test('no append waits for the indexes of a closed segment, and no recovery skips them before they are durable', async () => {
  const sim = new SimDisk();
  const { disk, letGo } = heldDisk(sim.forProcess());
  await using context = await LogContext.open(
    { 'segment.bytes': 400, 'index.interval.bytes': 0 },
    { disk },
  );
  const { log } = context;
  for (let round = 0; round < 12; round += 1) {
    const bytes = batch({ timestampMs: context.now, values: [`value ${round}`] });
    await log.append(bytes, { leaderEpoch: 0, flush: 'none' });
  }
  expect(await context.values()).toHaveLength(12);
  const files = await disk.list('/data/t-0');
  const segments = files.filter(({ name }) => name.endsWith('.log')).map(({ name }) => name);
  expect(segments.length).toBeGreaterThan(2);
  await log.flush();
  // The second segment begins behind all that the first one has.
  expect(log.recoveryPoint).toBeLessThan(Number(segments.sort()[1]?.slice(0, 20)));
  letGo();
  await context.restart();
  expect(await context.values()).toHaveLength(12);
  expect(context.log.recoveryPoint).toBe(12);
});
