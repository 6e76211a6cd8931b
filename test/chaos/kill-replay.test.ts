import { mkdtempSync, readFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import type { ReplayStatus } from '@millrace/runtime';
import { findFreePort, startMillrace, type MillraceServer } from '@millrace/test-servers';
import { within } from './steps.ts';

const LINES = 3000;
/** Letters of one transaction of a replay. */
const BATCH = 100;
const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter';
const lines = Array.from({ length: LINES }, (_, index) => `line-${String(index).padStart(5, '0')}`);
const dead = (topic: string): Record<string, string> => ({
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': topic,
  'errors.deadletterqueue.context.headers.enable': 'true',
});

jest.setTimeout(180_000);

test('a replay that is killed and asked for again loses no dead letter: exactly once into the log, in order, and no more than a batch twice into a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-replay-'));
  const target = join(folder, 'out.txt');
  writeFileSync(join(folder, 'in.txt'), lines.map((line) => `${line}\n`).join(''));
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  let worker = await startMillrace({ folder, ...ports });
  const restart = async (): Promise<void> => {
    await worker.kill();
    worker = await startMillrace({ folder, ...ports });
  };
  try {
    // Every line fails in the transforms of the source.
    const source = {
      'connector.class': 'FileStreamSource',
      file: join(folder, 'in.txt'),
      topic: 'lines',
      'value.converter': STRING,
      ...dead('dead-source'),
    };
    await worker.putConnector('source', {
      ...source,
      transforms: 'field',
      'transforms.field.type': 'org.apache.kafka.connect.transforms.ExtractField$Value',
      'transforms.field.field': 'no-such-field',
    });
    await untilCount(worker, 'dead-source', LINES);
    await worker.putConnector('source', source);
    await worker.untilRunning('source');
    // A letter may be there twice if the task was started anew meanwhile; each is replayed once.
    const letters = (await valuesOf(worker, 'dead-source')).map(
      (text) => (JSON.parse(text) as { readonly payload: string }).payload,
    );
    expect([...new Set(letters)]).toEqual(lines);
    await replayWithKills(() => worker, restart, 'source', letters.length);
    expect(await valuesOf(worker, 'lines')).toEqual(letters);

    // Now every line fails in the sink's converter.
    const sink = {
      'connector.class': 'FileStreamSink',
      topics: 'lines',
      file: target,
      ...dead('dead-sink'),
    };
    await worker.putConnector('sink', {
      ...sink,
      'value.converter': JSON_CONVERTER,
      'value.converter.schemas.enable': 'false',
    });
    await untilCount(worker, 'dead-sink', LINES);
    await worker.putConnector('sink', { ...sink, 'value.converter': STRING });
    await worker.untilRunning('sink');
    const count = (await valuesOf(worker, 'dead-sink')).length;
    const kills = await replayWithKills(() => worker, restart, 'sink', count);
    const written = readFileSync(target, 'utf8').trimEnd().split('\n');
    expect([...new Set(written)]).toEqual(lines);
    expect(written.length).toBeLessThanOrEqual(count + kills * BATCH);
  } finally {
    await worker[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
  expect(existsSync(folder)).toBe(false);
});

/** Kills the worker in the middle of two replays, then lets one come to its end; another finds nothing to do. */
async function replayWithKills(
  worker: () => MillraceServer,
  restart: () => Promise<void>,
  name: string,
  count: number,
): Promise<number> {
  const path = `/api/connectors/${name}/dead-letters/replay`;
  const ask = async (): Promise<ReplayStatus> => {
    const response = await worker().send('POST', path);
    expect(response.status).toBe(202);
    return (await response.json()) as ReplayStatus;
  };
  let kills = 0;
  for (const share of [0.2, 0.6]) {
    const asked = worker()
      .send('POST', path)
      .catch(() => undefined);
    const reached = await within(
      `a replay of ${name} at ${share}`,
      untilDelivered(worker(), path, LINES * share),
    );
    if (reached) kills++;
    await restart();
    await asked;
    await worker().untilRunning(name);
  }
  let status = await ask();
  while (status.state === 'running') {
    await systemClock.sleep(50);
    status = await worker().getJson<ReplayStatus>(`${path}/${status.id}`);
  }
  expect(status).toMatchObject({ state: 'completed', failed: 0, error: null });
  expect(status.delivered + status.skipped.replayed).toBe(count);
  expect(await ask()).toMatchObject({ delivered: 0, skipped: { replayed: count } });
  return kills;
}

/** False when the replay was over before. */
async function untilDelivered(
  worker: MillraceServer,
  path: string,
  count: number,
): Promise<boolean> {
  for (;;) {
    const [status] = await worker.getJson<readonly ReplayStatus[]>(path);
    if (status !== undefined && status.state !== 'running') return false;
    if (status !== undefined && status.delivered + status.skipped.replayed >= count) return true;
    await systemClock.sleep(2);
  }
}

async function untilCount(worker: MillraceServer, topic: string, count: number): Promise<void> {
  await within(
    `${count} records in ${topic}`,
    (async () => {
      for (;;) {
        const values = await valuesOf(worker, topic).catch(() => []);
        if (values.length >= count) return;
        await systemClock.sleep(100);
      }
    })(),
    60_000,
  );
}

async function valuesOf(worker: MillraceServer, topic: string): Promise<readonly string[]> {
  const options = { clock: systemClock, random: systemRandom, log: silentLogger };
  await using client = new KafkaClient({
    bootstrap: parseBootstrap(worker.log),
    transport: new TcpTransport({ clientId: 'test', ...options }),
    ...options,
  });
  if ((await client.admin.describeTopics([topic])).length === 0) return [];
  await using reader = client.reader({ topic, isolationLevel: 'read_committed' });
  const values: string[] = [];
  await reader.readToEnd((records) => {
    for (const { value } of records) values.push(Buffer.from(value ?? []).toString());
  });
  return values;
}
