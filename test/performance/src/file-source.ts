import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from './bench.ts';
import { recordCountOf } from './end-offset.ts';
import { seconds, until, Workspace } from './workspace.ts';

const run = promisify(execFile);
const RUNS = 3;
const LINES = 3_000_000;

export const fileSource: Bench = {
  name: 'file-source',
  about: 'lines of a file into the log, against wc -l of the same file',
  async run(report) {
    await using workspace = new Workspace();
    const file = join(workspace.folder(), 'lines.txt');
    await writeLines(file, LINES);
    report.setting(`${LINES} lines of about 100 bytes, StringConverter, one partition`);
    const rates: number[] = [];
    const limits: number[] = [];
    for (let index = 0; index < RUNS; index++) {
      limits.push(LINES / (await seconds(() => run('wc', ['-l', file]))));
      const worker = await workspace.millrace();
      const client = workspace.client(worker.log);
      const config = {
        'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
        'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
        file,
        topic: 'lines',
      };
      const took = await seconds(async () => {
        await worker.send('PUT', '/connectors/bench/config', config);
        await until(async () => (await recordCountOf(client, 'lines')) >= LINES);
      });
      rates.push(LINES / took);
      await worker.stop();
    }
    report.compare(
      { label: 'file source into the log', unit: 'lines/s', values: rates },
      { label: 'wc -l', unit: 'lines/s', values: limits },
      '700,000 lines/s',
    );
  },
};

async function writeLines(file: string, count: number): Promise<void> {
  const stream = createWriteStream(file);
  for (let first = 0; first < count; first += 10_000) {
    let text = '';
    for (let line = first; line < first + 10_000; line++)
      text += `${String(line).padStart(12, '0')} ${'x'.repeat(86)}\n`;
    if (!stream.write(text)) await new Promise<void>((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await finished(stream);
}
