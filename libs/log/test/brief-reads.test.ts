import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Clock } from '@millrace/foundation';
import { BriefReads } from '../src/brief-reads.ts';
import { FileDisk } from '../src/file-disk.ts';
import { ThreadWaits } from '../src/thread-waits.ts';

/** A disk whose reads take what the test says, and a loop whose turns end when it says so. */
class Bench implements Clock {
  ms = 0;
  ranMs = 0;
  diskReads = 7;
  readonly turns: (() => void)[] = [];
  readonly reads: BriefReads;

  constructor() {
    const onNextTurn = (callback: () => void): void => void this.turns.push(callback);
    this.reads = new BriefReads({
      turnBytesMax: 1000,
      clock: this,
      waits: new ThreadWaits({ clock: this, runnableMs: () => this.ranMs, onNextTurn }),
      countDiskReads: () => this.diskReads,
      onNextTurn,
    });
  }

  nowMs(): number {
    return this.ms;
  }

  monotonicMs(): number {
    return this.ms;
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  /** A read that takes so long, all of it in wait for so many blocks of a disk, if any. */
  read(ms: number, blocks: number): number {
    this.ms += ms;
    if (blocks === 0) this.ranMs += ms;
    this.diskReads += blocks;
    return 100;
  }
}

test('a file is read in place after a read of the pool that needed no disk', async () => {
  const bench = new Bench();
  const file = bench.reads.ofFile();
  expect(file.allows(1)).toBe(false);
  await file.beside(() => Promise.resolve(bench.read(30, 1)));
  expect(file.allows(1)).toBe(false);
  await file.beside(() => Promise.resolve(bench.read(30, 0)));
  expect(file.allows(1)).toBe(true);
  expect(bench.reads.ofFile().allows(1)).toBe(false); // files are told apart
});

test('a piece that waits for a disk sends the file to the pool for a second', async () => {
  const bench = new Bench();
  const file = bench.reads.ofFile();
  await file.beside(() => Promise.resolve(bench.read(0, 0)));
  expect(file.run(100, () => bench.read(0.4, 0))).toBe(100);
  expect(file.allows(1)).toBe(true);
  file.run(100, () => bench.read(0.6, 1));
  await file.beside(() => Promise.resolve(bench.read(999, 0)));
  expect(file.allows(1)).toBe(false);
  bench.ms += 1;
  await file.beside(() => Promise.resolve(bench.read(0, 0)));
  expect(file.allows(1)).toBe(true);
});

test('a piece that was slow for another reason, or failed, changes nothing', async () => {
  const bench = new Bench();
  const file = bench.reads.ofFile();
  await file.beside(() => Promise.resolve(bench.read(0, 0)));
  const failing = (): number => {
    bench.read(9, 0);
    throw new Error('EIO');
  };
  expect(() => file.run(100, failing)).toThrow('EIO');
  expect(file.allows(1)).toBe(true);
});

test('the loop reads no more in one turn than it may, over all files', async () => {
  const bench = new Bench();
  const [one, two] = [bench.reads.ofFile(), bench.reads.ofFile()];
  for (const file of [one, two]) await file.beside(() => Promise.resolve(bench.read(0, 0)));
  one.run(900, () => 900);
  expect([two.allows(100), two.allows(101)]).toEqual([true, false]);
  for (const begin of bench.turns.splice(0)) begin();
  expect(two.allows(1000)).toBe(true);
});

test.each([0, 300_000, 4_000_000])(
  'a file is read as it is, with %i bytes on the loop in a turn',
  async (readInPlaceBytesMax) => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-reads-'));
    try {
      const written = Buffer.from(Uint32Array.from({ length: 300_000 }, (_, at) => at).buffer);
      await writeFile(join(folder, 'a'), written);
      const file = await new FileDisk({ readInPlaceBytesMax }).open(join(folder, 'a'), 'existing');
      for (let round = 0; round < 3; round += 1) {
        const into = Buffer.alloc(written.byteLength);
        // From the middle to the end, which is nearer than the memory is large, then the whole.
        expect(await file.read(500_000, into)).toBe(written.byteLength - 500_000);
        expect(into.subarray(0, 700_000).equals(written.subarray(500_000))).toBe(true);
        expect(await file.read(0, into)).toBe(written.byteLength);
        expect(into.equals(written)).toBe(true);
      }
      await file.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
