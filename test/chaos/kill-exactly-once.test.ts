import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { systemClock, systemRandom } from '@millrace/foundation';
import type { KafkaClient } from '@millrace/kafka-client';
import {
  type ConnectorFile,
  findFreePort,
  startMillrace,
  type MillraceServer,
} from '@millrace/test-servers';
import { clientOf, kcatLines } from './chaos-clients.ts';
import { randomOf, within } from './steps.ts';

/** How often the worker is killed; more for a long night. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 20);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
/** `host:port` of somebody else's log; without it the embedded one is killed together with its worker. */
const BOOTSTRAP = process.env['CHAOS_BOOTSTRAP'];
const PARTITIONS = 2;
const LINES_AT_ONCE = 10;
/** The end of each pause that a kill waits at most: several transactions of either source. */
const MOMENT_MS_MAX = 300;
/** One transaction each poll, and one for all polls of so long. */
const BOUNDARIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  polls: { 'transaction.boundary': 'poll' },
  intervals: { 'transaction.boundary': 'interval', 'transaction.boundary.interval.ms': '150' },
};
const SOURCES = Object.keys(BOUNDARIES);
const OFFSETS = 'exactly-once-offsets';
const SETTINGS = {
  ...(BOOTSTRAP === undefined ? {} : { 'bootstrap.servers': BOOTSTRAP }),
  'exactly.once.source.support': 'enabled',
  'offset.storage.topic': OFFSETS,
  'offset.storage.partitions': '1',
  'offset.flush.interval.ms': '300',
};
/** Only a bound: a step that hangs says so itself. */
jest.setTimeout(240_000 + KILLS * 10_000);

test('killed within its transactions, an exactly-once source shows each record once, and its offsets agree with its records', async () => {
  const random = randomOf(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-exactly-once-'));
  const path = (source: string): string => join(folder, `${source}.txt`);
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  const connectors = SOURCES.map((source) => connectorOf(source, path(source)));
  for (const source of SOURCES) appendFileSync(path(source), '');
  const launch = (): Promise<MillraceServer> =>
    startMillrace({ folder, ...ports, settings: SETTINGS, connectors });
  let worker = await launch();
  const log = BOOTSTRAP ?? worker.log;
  const client = clientOf(log);
  const written = new Map(SOURCES.map((source) => [source, 0]));
  const stopWriting = new AbortController();
  const writing = writeLines(path, written, stopWriting.signal);
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      // Every other time at once: while the worker fences its former generation and begins to read.
      if (kill % 2 === 0) await within('the sources go on', untilMore(client), 60_000);
      await systemClock.sleep(random() * MOMENT_MS_MAX);
      await within('the worker is killed', worker.kill());
      worker = await launch();
    }
    stopWriting.abort();
    await writing;
    let aborted = 0;
    for (const source of SOURCES) {
      const count = written.get(source) ?? 0;
      const bytes = Buffer.byteLength(textOf(0, count));
      await within(`"${source}" is at its end`, untilPosition(client, path(source), bytes), 60_000);
      const seen = await within(`"${source}" is read`, committedLines(log, source), 60_000);
      expect(differencesOf(seen, count)).toEqual([]);
      aborted += (await uncommittedCount(client, source)) - count;
    }
    // Otherwise no kill was in a transaction, and all of this says nothing.
    expect(aborted).toBeGreaterThan(0);
    await within('our client closes', client.close());
    await worker.stop();
  } catch (error) {
    const diagnosis = await worker.diagnose();
    throw new Error(`CHAOS_SEED=${SEED}, data in ${folder}\n${diagnosis}`, { cause: error });
  } finally {
    stopWriting.abort();
    await within('our client closes', client.close()).catch(() => undefined);
    await worker.kill();
  }
  rmSync(folder, { recursive: true, force: true });
});

function connectorOf(source: string, file: string): ConnectorFile {
  return {
    name: source,
    config: {
      'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
      file,
      topic: source,
      'batch.size': '50',
      'exactly.once.support': 'required',
      'topic.creation.default.partitions': String(PARTITIONS),
      'topic.creation.default.replication.factor': '-1',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      ...BOUNDARIES[source],
    },
  };
}

/** The lines with these numbers, each with its end. */
function textOf(from: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `${from + index}\n`).join('');
}

/** Some lines to each file every few milliseconds, counted, until told to stop. */
async function writeLines(
  path: (source: string) => string,
  written: Map<string, number>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    for (const [source, count] of written) {
      appendFileSync(path(source), textOf(count, LINES_AT_ONCE));
      written.set(source, count + LINES_AT_ONCE);
    }
    await systemClock.sleep(5, signal).catch(() => undefined); // the end of the load
  }
}

/** Until readers of committed records see more of each source. */
async function untilMore(client: KafkaClient): Promise<void> {
  const before = await positionsOf(client);
  for (;;) {
    const now = await positionsOf(client);
    if (now.size === SOURCES.length && [...now].every(([key, at]) => at > (before.get(key) ?? 0)))
      return;
    await systemClock.sleep(20);
  }
}

/** The position of each source, by its key in the topic of the offsets, as readers of committed records see it. */
async function positionsOf(client: KafkaClient): Promise<ReadonlyMap<string, number>> {
  const positions = new Map<string, number>();
  await using reader = client.reader({ topic: OFFSETS, isolationLevel: 'read_committed' });
  await reader.readToEnd((records) => {
    for (const { key, value } of records) {
      const offset: unknown = JSON.parse(Buffer.from(value ?? []).toString());
      positions.set(Buffer.from(key ?? []).toString(), positionIn(offset));
    }
  });
  return positions;
}

function positionIn(offset: unknown): number {
  return typeof offset === 'object' && offset !== null && 'position' in offset
    ? Number(offset.position)
    : Number.NaN;
}

/** @throws Error when the position goes beyond it */
async function untilPosition(client: KafkaClient, file: string, wanted: number): Promise<void> {
  for (;;) {
    const found = [...(await positionsOf(client))].find(([key]) => key.includes(file));
    const position = found?.[1] ?? 0;
    if (position === wanted) return;
    if (position > wanted) throw new Error(`position ${position} of a file of ${wanted} bytes`);
    await systemClock.sleep(50);
  }
}

/** What librdkafka shows to a `read_committed` consumer, partition after partition. */
async function committedLines(log: string, topic: string): Promise<readonly (readonly number[])[]> {
  const partitions: (readonly number[])[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const found = await kcatLines(log, topic, partition, ['isolation.level=read_committed']);
    partitions.push(found.map((line) => Number(line.split(' ')[1])));
  }
  return partitions;
}

/** What is not there, there twice or behind a later one of its partition; the first of each. */
function differencesOf(seen: readonly (readonly number[])[], count: number): readonly string[] {
  const times = new Map<number, number>();
  const turned: number[] = [];
  for (const partition of seen)
    for (const [index, line] of partition.entries()) {
      times.set(line, (times.get(line) ?? 0) + 1);
      if (line <= (partition[index - 1] ?? -1)) turned.push(line);
    }
  const all = Array.from({ length: count }, (_, line) => line);
  const groups = {
    lost: all.filter((line) => !times.has(line)),
    doubled: [...times].filter(([, found]) => found > 1).map(([line]) => line),
    unknown: [...times.keys()].filter((line) => !(line >= 0 && line < count)),
    'out of order': turned,
  };
  return Object.entries(groups)
    .filter(([, found]) => found.length > 0)
    .map(([what, found]) => `${found.length} ${what}: ${found.slice(0, 10).join(' ')}`);
}

async function uncommittedCount(client: KafkaClient, topic: string): Promise<number> {
  let count = 0;
  await using reader = client.reader({ topic, isolationLevel: 'read_uncommitted' });
  await reader.readToEnd((records) => {
    count += records.length;
  });
  return count;
}
