import { expect, test } from '@jest/globals';
import { buildControlBatch } from '@millrace/kafka-protocol';
import { LogContext, errno } from './log-context.ts';
import { batch, recordsOf, seededRandom } from './support.ts';

const LOG_FILE = '/data/t-0/00000000000000000000.log';

test('a crash that loses every byte not synced loses no durable acknowledgement', async () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = seededRandom(seed);
    await using context = await LogContext.open({
      'segment.bytes': 400,
      'index.interval.bytes': 100,
    });
    const acknowledged: string[] = [];
    let sent = 0;
    for (let life = 0; life < 4; life += 1) {
      const crashAfter = random.nextInt(12);
      const running: Promise<unknown>[] = [];
      for (let index = 0; index < 12; index += 1) {
        const value = `v${sent}`;
        sent += 1;
        const flush = random.nextInt(2) === 0 ? 'every-append' : 'none';
        const append = context.log.append(batch({ values: [value], timestampMs: context.now }), {
          leaderEpoch: life,
          flush,
        });
        running.push(
          append.then((result) => {
            if (result.kind === 'appended' && flush === 'every-append') acknowledged.push(value);
          }),
        );
        if (random.nextInt(3) === 0) await append;
        if (index === crashAfter) break;
      }
      const isTotal = random.nextInt(2) === 0;
      // INV-7: what was acknowledged up to this instant is what must be found again.
      const must = [...acknowledged];
      await context.crash(() => context.disk.crash(isTotal ? undefined : random));
      await Promise.all(running);
      acknowledged.length = 0;
      const found = await context.values(0);
      expect({ seed, missing: must.filter((value) => !found.includes(value)) }).toEqual({
        seed,
        missing: [],
      });
      const order = found.map((value) => Number(value.slice(1)));
      expect(order).toEqual([...order].sort((left, right) => left - right));
      acknowledged.push(...found); // recovered and synced: it must stay
    }
  }
});

test('a kill of the process loses nothing that was written', async () => {
  await using context = await LogContext.open();
  const bytes = batch({ values: ['a'], timestampMs: context.now });
  await context.log.append(bytes, { leaderEpoch: 0, flush: 'none' });
  await context.crash(() => context.disk.kill());
  expect(await context.values()).toEqual(['a']);
  // Recovery has made it durable before it became visible.
  await context.crash(() => context.disk.crash());
  expect(await context.values()).toEqual(['a']);
});

test('what a transaction aborted in a segment that was being closed stays aborted over a second crash', async () => {
  await using context = await LogContext.open({
    'segment.bytes': 250,
    'index.interval.bytes': 100,
  });
  const [producerId, producerEpoch] = [1, 0];
  await context.append({
    ...{ values: ['x'], producerId, producerEpoch, baseSequence: 0, isTransactional: true },
  });
  const marker = { type: 'abort', coordinatorEpoch: 3, timestampMs: context.now } as const;
  const end = buildControlBatch({ ...marker, producerId, producerEpoch });
  await context.log.append(end, { leaderEpoch: 0, origin: 'coordinator' });
  await context.append(['y']);
  await context.append(['z']);
  expect(context.log.segmentCount).toBeGreaterThan(1);
  const aborted = context.log.abortedTransactions(0, 10);
  expect(aborted).toHaveLength(1);
  // As if the next segment and its producer snapshot were there, and this one's index not yet.
  await context.crash(() => {
    context.disk.kill();
    void context.disk.remove('/data/t-0/00000000000000000000.txnindex');
  });
  expect(context.log.abortedTransactions(0, 10)).toEqual(aborted);
  await context.manager.checkpoint();
  await context.crash(() => context.disk.kill());
  expect(context.log.abortedTransactions(0, 10)).toEqual(aborted);
});

test('a tail torn at any byte of the last batch is cut and the rest stays', async () => {
  await using whole = await LogContext.open();
  await whole.append(['a', 'b']);
  await whole.append(['c']);
  const good = whole.disk.contentOf(LOG_FILE)?.slice() ?? new Uint8Array(0);
  await whole.append(['d', 'e']);
  const full = whole.disk.contentOf(LOG_FILE)?.slice() ?? new Uint8Array(0);
  for (let size = good.byteLength; size < full.byteLength; size += 1) {
    await using context = await LogContext.open();
    await context.append(['a', 'b']);
    await context.append(['c']);
    await context.crash(() => context.disk.kill());
    const log = await context.disk.open(LOG_FILE, 'existing');
    await log.write(good.byteLength, [full.subarray(good.byteLength, size)]);
    await context.crash(() => context.disk.kill());
    expect(await context.values()).toEqual(['a', 'b', 'c']);
    expect(context.log.logEndOffset).toBe(3);
    expect(context.disk.contentOf(LOG_FILE)?.byteLength).toBe(good.byteLength);
    expect(await context.append(['next'])).toBe(3);
  }
});

test('a bit flipped in a batch cuts the log there after an unclean stop', async () => {
  const batches = [['a'], ['b'], ['c'], ['d']];
  for (let flipped = 8; flipped < 68 * 4; flipped += 13) {
    await using context = await LogContext.open();
    for (const values of batches) await context.append(values);
    const size = (context.disk.contentOf(LOG_FILE)?.byteLength ?? 0) / batches.length;
    const inBatch = flipped % size;
    // The CRC covers neither the leader epoch nor the low bytes of the base offset.
    if (inBatch < 16 && inBatch >= 12) continue;
    if (inBatch < 8 && inBatch >= 4) continue;
    await context.crash(() => {
      context.disk.kill();
      const bytes = context.disk.contentOf(LOG_FILE);
      if (bytes !== undefined) bytes[flipped] = (bytes[flipped] ?? 0) ^ 0x10;
    });
    const kept = Math.floor(flipped / size);
    expect(await context.values(0)).toEqual(['a', 'b', 'c', 'd'].slice(0, kept));
  }
});

test('damage in an old segment after an unclean stop drops the later ones', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150 });
  for (const value of ['a', 'b', 'c', 'd', 'e', 'f']) await context.append([value]);
  expect(context.log.segmentCount).toBe(3);
  await context.crash(() => {
    context.disk.kill();
    const bytes = context.disk.contentOf('/data/t-0/00000000000000000002.log');
    if (bytes !== undefined) bytes[100] = (bytes[100] ?? 0) ^ 1;
  });
  expect(await context.values()).toEqual(['a', 'b', 'c']);
  expect(await context.append(['g'])).toBe(3);
});

test('a full disk refuses appends, leaves no trace of them, and takes appends again when there is room', async () => {
  await using context = await LogContext.open();
  await context.append(['a']);
  const size = context.disk.contentOf(LOG_FILE)?.byteLength ?? 0;
  context.disk.capacityBytes = context.disk.usedBytes + 100;
  const refusedResults = await Promise.all(
    ['b', 'c', 'd'].map((value) =>
      context.log.append(batch({ values: [value], timestampMs: context.now }), { leaderEpoch: 0 }),
    ),
  );
  for (const result of refusedResults) {
    expect(result).toMatchObject({ kind: 'refused', reason: 'disk-full', errorCode: 56 });
    if (result.kind === 'refused') {
      expect(result.error).toMatchObject({ code: 'log.disk_full', retry: 'retriable' });
    }
  }
  expect(context.disk.contentOf(LOG_FILE)?.byteLength).toBe(size);
  expect(await context.values()).toEqual(['a']);
  context.disk.capacityBytes = Infinity;
  expect(await context.append(['e'])).toBe(1);
  await context.crash(() => context.disk.crash());
  expect(await context.values()).toEqual(['a', 'e']);
});

test('a full disk at a roll refuses the append and rolls once there is room', async () => {
  await using context = await LogContext.open({ 'segment.bytes': 150 });
  await context.append(['a']);
  await context.append(['b']);
  context.disk.fault = ({ kind, path }) =>
    kind === 'open' && path.includes('00000000000000000002') ? errno('ENOSPC') : undefined;
  const result = await context.log.append(batch({ values: ['c'], timestampMs: context.now }), {
    leaderEpoch: 0,
  });
  expect(result).toMatchObject({ kind: 'refused', reason: 'disk-full' });
  context.disk.fault = () => undefined;
  expect(await context.append(['d'])).toBe(2);
  await context.restart();
  expect(await context.values()).toEqual(['a', 'b', 'd']);
});

test('a failed fsync takes the partition offline; it is never tried again', async () => {
  await using context = await LogContext.open();
  await context.append(['a']);
  let syncs = 0;
  context.disk.fault = ({ kind, path }) => {
    if (kind !== 'sync' || !path.endsWith('.log')) return undefined;
    syncs += 1;
    return errno('EIO');
  };
  const options = { leaderEpoch: 0 };
  const [result, written] = await Promise.all([
    context.log.append(batch({ values: ['b'], timestampMs: context.now }), options),
    context.log.append(batch({ values: ['b2'], timestampMs: context.now }), {
      leaderEpoch: 0,
      flush: 'none',
    }),
  ]);
  expect(written).toMatchObject({ kind: 'appended' });
  expect(context.log.queuedBytes).toBe(0);
  expect(context.manager.appendBudget.taken).toBe(0);
  expect(result).toMatchObject({ kind: 'refused', reason: 'offline', errorCode: 56 });
  expect(context.log.isOffline).toBe(true);
  context.disk.fault = () => undefined;
  const later = await context.log.append(
    batch({ values: ['c'], timestampMs: context.now }),
    options,
  );
  expect(later).toMatchObject({ kind: 'refused', reason: 'offline' });
  await expect(context.log.read(0, 100)).rejects.toMatchObject({ code: 'log.partition_offline' });
  expect(syncs).toBe(1);
  expect(await context.manager.close()).toBe(false);
  await context.crash(() => context.disk.crash());
  expect(await context.values()).toEqual(['a']);
});

test('an append that waits for its flush is not visible before it', async () => {
  await using context = await LogContext.open();
  const seen: string[][] = [];
  context.disk.fault = ({ kind, path }) => {
    if (kind === 'sync' && path.endsWith('.log')) {
      seen.push([String(context.log.logEndOffset), String(context.log.highWatermark)]);
    }
    return undefined;
  };
  const append = (value: string, flush: 'none' | 'every-append'): Promise<unknown> =>
    context.log.append(batch({ values: [value], timestampMs: context.now }), {
      leaderEpoch: 0,
      flush,
    });
  await Promise.all([append('a', 'none'), append('b', 'every-append'), append('c', 'none')]);
  // INV-5: at the flush all three are written, and only what precedes the waiting one is visible.
  expect(seen).toEqual([['3', '1']]);
  expect(context.log.highWatermark).toBe(3);
  const read = await context.log.read(0, 1000);
  if (read === 'offset-out-of-range') throw new Error(read);
  expect(recordsOf(read.bytes)).toHaveLength(3);
});
