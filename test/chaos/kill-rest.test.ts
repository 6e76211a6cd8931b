import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { KafkaClient, parseBootstrap, TcpTransport } from '@millrace/kafka-client';
import { findFreePort, startMillrace, type MillraceServer } from '@millrace/test-servers';
import { RestActor, type Kind } from './rest-actor.ts';
import { randomOf, within } from './steps.ts';

const KILLS = Number(process.env['CHAOS_KILLS'] ?? 10);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
/** After readiness: from the first requests to hundreds of them. */
const MOMENT_MS_MIN = 10;
const MOMENT_MS_MAX = 500;
const PARTITIONS = 12;
const TOPIC = 'sunk';
jest.setTimeout(60_000 + KILLS * 60_000);

/** Its files never exist, so that its task waits for them. */
const source: Kind = {
  config: (version) => ({
    'connector.class': 'FileStreamSource',
    file: '/nonexistent/file',
    topic: 'lines',
    'batch.size': String(version),
  }),
  versionOf: (config) => Number(config['batch.size']),
  partitions: range(PARTITIONS).map((index) => ({ filename: `/nonexistent/${index}` })),
  offsetKey: 'position',
  states: ['STARTED', 'PAUSED', 'STOPPED'],
};

/** Never runs: a running one would move its offsets. */
const sink: Kind = {
  config: (version) => ({
    'connector.class': 'FileStreamSink',
    file: `/nonexistent/${version}`,
    topics: TOPIC,
  }),
  versionOf: (config) => Number(config['file']?.split('/').at(-1)),
  partitions: range(PARTITIONS).map((index) => ({
    kafka_topic: TOPIC,
    kafka_partition: index,
  })),
  offsetKey: 'kafka_offset',
  states: ['STOPPED'],
};

test('killed while connectors are created, changed, stopped and deleted and offsets altered, the worker comes back with the state before or after each change', async () => {
  const random = randomOf(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-rest-'));
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  const launch = (): Promise<MillraceServer> =>
    startMillrace({ folder, ...ports, readyTimeoutMs: 60_000 });
  const actors = range(7).map((index) =>
    index < 4
      ? new RestActor(`source-${index}`, source, random)
      : new RestActor(`sink-${index}`, sink, random),
  );
  let server = await launch();
  try {
    await createTopic(server);
    for (let kill = 0; kill < KILLS; kill++) {
      const moment = systemClock.sleep(MOMENT_MS_MIN + random() * (MOMENT_MS_MAX - MOMENT_MS_MIN));
      const running = Promise.all(actors.map((actor) => actor.run(server)));
      await Promise.race([moment, running]); // these end before only by an error
      await within('the kill', server.kill());
      await within('the end of the requests', running);
      server = await within('the restart', launch(), 60_000);
      for (const actor of actors)
        await within(`${actor.name} is there`, actor.expectOneOrTheOther(server));
    }
  } catch (error) {
    throw new Error(`CHAOS_SEED=${SEED}: ${String(error)}\n${server.output.slice(-2000)}`, {
      cause: error,
    });
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  for (const actor of actors) expect(actor.acknowledged).toBeGreaterThan(0);
  expect(actors.flatMap(({ interrupted }) => interrupted).length).toBeGreaterThan(0);
});

async function createTopic(server: MillraceServer): Promise<void> {
  const options = { clock: systemClock, random: systemRandom, log: silentLogger };
  await using client = new KafkaClient({
    bootstrap: parseBootstrap(server.log),
    transport: new TcpTransport({ clientId: 'test', ...options }),
    ...options,
  });
  await client.admin.createTopics([
    { name: TOPIC, partitions: PARTITIONS, replicationFactor: 1, configs: {} },
  ]);
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => index);
}
