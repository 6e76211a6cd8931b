import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SourceOffset, SourceRecord } from '@millrace/record';
import { SourceRunner, values } from './source-runner.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-file-'));
  file = join(folder, 'app.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');
const numbered = (from: number, to: number): string[] => lines(from, to).split('\n').slice(0, -1);
const lastOffset = (records: readonly SourceRecord[]): SourceOffset | undefined =>
  records.at(-1)?.sourceOffset;

describe('lines', () => {
  test("each is a record with Connect's partition, and an offset that counts bytes", async () => {
    writeFileSync(file, 'a\nzwölf €\n\n');
    await using source = await SourceRunner.start({ file });
    const records = await source.drain();
    expect(values(records)).toEqual(['a', 'zwölf €', '']);
    expect(records.map((record) => record.sourceOffset['position'])).toEqual([2, 13, 14]);
    expect(records[0]).toMatchObject({
      topic: 'lines',
      key: null,
      sourcePartition: { filename: file },
    });
  });

  test('CRLF, a lone CR and LF all end a line', async () => {
    writeFileSync(file, 'a\r\nb\rc\n\rd\r\n');
    await using source = await SourceRunner.start({ file });
    expect(values(await source.drain())).toEqual(['a', 'b', 'c', '', 'd']);
  });

  test('a CR that stands last waits for what follows', async () => {
    writeFileSync(file, 'a\r');
    await using source = await SourceRunner.start({ file });
    expect(await source.drain()).toEqual([]);
    appendFileSync(file, '\nb\r');
    expect(values(await source.drain())).toEqual(['a']);
    appendFileSync(file, 'c\n');
    expect(values(await source.drain())).toEqual(['b', 'c']);
  });

  test.each(['ascii only', 'with ünïcödé'])(
    'nothing is lost or torn at the borders of reads and batches (%s)',
    async (word) => {
      const expected = Array.from(
        { length: 30_000 },
        (_, index) => `${index} ${word} ${'x'.repeat(index % 97)}`,
      );
      writeFileSync(
        file,
        expected.map((line, index) => line + (index % 3 === 0 ? '\r\n' : '\n')).join(''),
      );
      await using source = await SourceRunner.start({ file, 'batch.size': '777' });
      expect(values(await source.drain())).toEqual(expected);
    },
  );

  test('a last line without an end is kept back until it has one', async () => {
    writeFileSync(file, 'a\nhal');
    await using source = await SourceRunner.start({ file });
    expect(values(await source.drain())).toEqual(['a']);
    expect(await source.drain()).toEqual([]);
    appendFileSync(file, 'f\n');
    expect(values(await source.drain())).toEqual(['half']);
  });

  test('a last line without an end is handed out after the time that was set', async () => {
    writeFileSync(file, 'a\nlast');
    await using source = await SourceRunner.start({ file, 'unterminated.line.flush.ms': '1000' });
    expect(values(await source.drain())).toEqual(['a', 'last']);
    appendFileSync(file, 'next\n');
    expect(values(await source.drain())).toEqual(['next']);
  });

  test('a line over the bound is refused when it is read, whatever its length, and those around it are not', async () => {
    writeFileSync(file, `a\n${'x'.repeat(3_000_000)}\nb\n${'y'.repeat(101)}\n${'z'.repeat(100)}\n`);
    await using source = await SourceRunner.start({ file, 'line.bytes.max': '100' });
    const records = await source.drain();
    expect(records.map((record) => record.sourceOffset['position'])).toEqual([
      2, 3_000_003, 3_000_005, 3_000_107, 3_000_208,
    ]);
    expect(records[0]?.value).toBe('a');
    expect(() => records[1]?.value).toThrow(/has 3000000 bytes/);
    expect(() => records[3]?.value).toThrow(/has 101 bytes/);
    expect([records[2]?.value, records[4]?.value]).toEqual(['b', 'z'.repeat(100)]);
  });

  test('bytes that are not UTF-8 are refused, not replaced, and read as latin1 when told so', async () => {
    writeFileSync(file, Buffer.from([97, 10, 0xe9, 10, 98, 10]));
    await using source = await SourceRunner.start({ file });
    const records = await source.drain();
    expect(records[0]?.value).toBe('a');
    expect(() => records[1]?.value).toThrow(/is not UTF-8/);
    expect(records[2]?.value).toBe('b');
    await using latin = await SourceRunner.start({ file, encoding: 'latin1' });
    expect(values(await latin.drain())).toEqual(['a', 'é', 'b']);
  });

  test('a missing file is waited for', async () => {
    await using source = await SourceRunner.start({ file });
    expect(await source.drain()).toEqual([]);
    writeFileSync(file, 'a\n');
    expect(values(await source.drain())).toEqual(['a']);
  });
});

describe('JSON Lines', () => {
  test('documents are values without schema, with integers beyond 2^53 exact', async () => {
    writeFileSync(
      file,
      '{"a":1,"b":[true,null]}\n\n{"n":12345678901234567890,"s":"12345678901234567890 \\" 1"}\n7\n',
    );
    await using source = await SourceRunner.start({ file, format: 'jsonl' });
    const records = await source.drain();
    expect(values(records)).toEqual([
      { a: 1, b: [true, null] },
      { n: 12345678901234567890n, s: '12345678901234567890 " 1' },
      7,
    ]);
    expect(records[0]?.valueSchema).toBeNull();
  });

  test('a line that is not JSON is refused alone and names its place', async () => {
    writeFileSync(file, '{"a":1}\n{"a":\n{"a":2}\n');
    await using source = await SourceRunner.start({ file, format: 'jsonl' });
    const records = await source.drain();
    expect(records).toHaveLength(3);
    expect(() => records[1]?.value).toThrow(/ends at byte 14 is not JSON/);
    expect(records[2]?.value).toEqual({ a: 2 });
  });
});

describe('resuming', () => {
  test('goes on behind every line that was handed out, in text of any alphabet', async () => {
    const all = Array.from({ length: 40 }, (_, index) => `Zeile ${index} äöü €`);
    writeFileSync(file, all.map((line) => `${line}\n`).join(''));
    await using first = await SourceRunner.start({ file });
    for (const [index, record] of (await first.drain()).entries()) {
      await using next = await SourceRunner.start({ file }, record.sourceOffset);
      expect(values(await next.drain())).toEqual(all.slice(index + 1));
    }
  });

  test('accepts the offset that Kafka Connect stored', async () => {
    writeFileSync(file, 'a\nb\n');
    await using source = await SourceRunner.start({ file }, { position: 2 });
    expect(values(await source.drain())).toEqual(['b']);
  });

  test('a file rotated while nobody read is finished first, and files rotated in between follow', async () => {
    writeFileSync(file, lines(1, 100));
    await using first = await SourceRunner.start({ file, 'batch.size': '50' });
    const offset = (await first.drain())[49]?.sourceOffset;
    renameSync(file, `${file}.2`);
    writeFileSync(`${file}.1`, lines(101, 150));
    writeFileSync(file, lines(151, 160));
    writeFileSync(`${file}.note`, 'not a rotated file\n');
    await using second = await SourceRunner.start({ file }, offset);
    const records = await second.drain();
    expect(values(records)).toEqual(numbered(51, 160));
    await using third = await SourceRunner.start({ file }, records[70]?.sourceOffset);
    expect(values(await third.drain())).toEqual(numbered(122, 160));
  });

  test('a file that is another one is read from its beginning', async () => {
    writeFileSync(file, lines(1, 5));
    await using first = await SourceRunner.start({ file });
    const offset = lastOffset(await first.drain());
    rmSync(file);
    writeFileSync(file, lines(200, 300));
    await using second = await SourceRunner.start({ file }, offset);
    expect(values(await second.drain())).toEqual(numbered(200, 300));
    expect(second.metrics['file_truncations']).toBe(1);
  });
});

describe('rotation and truncation while reading', () => {
  test('the renamed file is read to its end before the new one', async () => {
    writeFileSync(file, lines(1, 3));
    await using source = await SourceRunner.start({ file });
    expect(values(await source.drain())).toEqual(numbered(1, 3));
    appendFileSync(file, lines(4, 6));
    renameSync(file, `${file}.1`);
    appendFileSync(`${file}.1`, 'the end');
    writeFileSync(file, lines(7, 9));
    const records = await source.drain();
    expect(values(records)).toEqual([...numbered(4, 6), 'the end', ...numbered(7, 9)]);
    expect(records.at(-1)?.sourceOffset['position']).toBe(21);
    expect(source.metrics['file_rotations']).toBe(1);
  });

  test('a file truncated and written anew is read from its beginning', async () => {
    writeFileSync(file, lines(1, 10));
    await using source = await SourceRunner.start({ file });
    await source.drain();
    truncateSync(file);
    expect(await source.drain()).toEqual([]);
    appendFileSync(file, lines(11, 12));
    expect(values(await source.drain())).toEqual(numbered(11, 12));
    expect(source.metrics['file_truncations']).toBe(1);
  });

  test('a file truncated and grown beyond the old end is noticed by its head', async () => {
    writeFileSync(file, lines(1, 2));
    await using source = await SourceRunner.start({ file });
    await source.drain();
    writeFileSync(file, lines(50, 99));
    expect(values(await source.drain())).toEqual(numbered(50, 99));
  });

  test('copy and truncate loses nothing', async () => {
    writeFileSync(file, lines(1, 100));
    await using source = await SourceRunner.start({ file });
    await source.drain();
    appendFileSync(file, lines(101, 120));
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
    appendFileSync(file, lines(121, 122));
    expect(values(await source.drain())).toEqual(numbered(101, 122));
  });
});
