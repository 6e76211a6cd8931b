import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { systemClock, systemRandom } from '@millrace/foundation';
import type { KafkaClient } from '@millrace/kafka-client';
import { findFreePort, startMillrace, type MillraceServer } from '@millrace/test-servers';
import {
  KcatLoad,
  kafkaJsLoad,
  ownLoad,
  PARTITIONS,
  SEGMENT_BYTES,
  valueOf,
  type Contents,
  type Load,
} from './broker-load.ts';
import { clientOf, kafkaJsOf, kcatLines } from './chaos-clients.ts';
import { kafkaJsReading, kcatReading, ownReading, type Reading } from './broker-readers.ts';
import { randomOf, within } from './steps.ts';

/** How often the broker is killed; 50 and more for a long night. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 10);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
const TOPIC = 'ledger';
/** Only a bound: a step that hangs says so itself. */
jest.setTimeout(240_000 + KILLS * 10_000);

test('killed at random instants, the broker keeps what it acknowledged to real clients, once and in order, and no committed offset goes back', async () => {
  const random = randomOf(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-broker-'));
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  const launch = (readyTimeoutMs = 30_000): Promise<MillraceServer> =>
    startMillrace({ folder, ...ports, readyTimeoutMs });
  let broker = await launch();
  let printed = '';
  const client = clientOf(broker.log);
  const kafka = kafkaJsOf(broker.log);
  const loads: Load[] = [];
  const readings: Reading[] = [];
  try {
    const configs = { 'segment.bytes': String(SEGMENT_BYTES) };
    await client.admin.createTopics([{ name: TOPIC, partitions: PARTITIONS, configs }]);
    loads.push(ownLoad(client, TOPIC), await kafkaJsLoad(kafka, TOPIC));
    loads.push(new KcatLoad(broker.log, TOPIC));
    readings.push(ownReading(client, TOPIC), await kafkaJsReading(kafka, TOPIC));
    readings.push(kcatReading(broker.log, TOPIC));
    let committedMin = new Map<string, number>();
    for (let kill = 0; kill < KILLS; kill++) {
      // By turns when all are well under way, and at any instant.
      if (kill % 2 === 0) await within('all producers go on', progressOf(loads), 60_000);
      await systemClock.sleep(random() * 600);
      await within('the broker is killed', broker.kill());
      printed = (printed + broker.output).slice(-8_000);
      for (const reading of readings) {
        for (const [partition, offset] of reading.committed)
          raise(committedMin, `${reading.groupId} ${partition}`, offset);
      }
      // Now and then also while it recovers.
      if (kill % 3 === 2) await launch(50 + random() * 700).then(kill9, () => undefined); // not ready by then
      broker = await launch();
      committedMin = await expectNoStepBack(client, readings, committedMin, kill);
    }
    for (const load of loads) await within(`${load.name} has sent all`, load.stop(), 60_000);
    const contents = await contentsOf(broker.log);
    expectInOrder(contents);
    for (const load of loads) {
      expect({ name: load.name, missing: load.missingIn(contents) }).toEqual({
        name: load.name,
        missing: [],
      });
      expect(load.acknowledgedCount).toBeGreaterThan(KILLS);
    }
    await within('all groups have read all', untilRead(client, readings, contents), 60_000);
    for (const reading of readings) await reading.stop();
    await within('our client closes', client.close());
    await broker.stop();
  } catch (error) {
    const diagnosis = await broker.diagnose();
    throw new Error(`seed ${SEED}, data in ${folder}\n${printed}${diagnosis}`, { cause: error });
  } finally {
    // Some have stopped already; the first error is the one to show.
    await Promise.allSettled([...loads, ...readings].map((one) => one.stop()));
    await within('our client closes', client.close()).catch(() => undefined);
    await broker.kill();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function kill9(server: MillraceServer): Promise<void> {
  await server.kill();
}

/** Until each has had something acknowledged since now. */
async function progressOf(loads: readonly Load[]): Promise<void> {
  const before = loads.map(({ acknowledgedCount }) => acknowledgedCount);
  while (loads.some((load, index) => load.acknowledgedCount <= (before[index] ?? 0)))
    await systemClock.sleep(20);
}

function raise(offsets: Map<string, number>, key: string, offset: number): void {
  offsets.set(key, Math.max(offset, offsets.get(key) ?? 0));
}

/** What the groups have committed now, which is not less than `before`. */
async function expectNoStepBack(
  client: KafkaClient,
  readings: readonly Reading[],
  before: ReadonlyMap<string, number>,
  kill: number,
): Promise<Map<string, number>> {
  const now = new Map<string, number>();
  for (const { groupId } of readings) {
    const step = `committed offsets of ${groupId}`;
    for (const { partition, offset } of await within(step, client.admin.listGroupOffsets(groupId)))
      now.set(`${groupId} ${partition}`, offset);
  }
  const stepsBack = [...before].filter(([key, offset]) => (now.get(key) ?? -1) < offset);
  if (stepsBack.length > 0)
    throw new Error(
      `after kill ${kill} committed offsets went back: ${stepsBack
        .map(([key, offset]) => `${key} from ${offset} to ${now.get(key) ?? 'none'}`)
        .join(', ')}`,
    );
  return now;
}

/** Read by librdkafka from the beginning: each offset is there, and none twice. */
async function contentsOf(bootstrap: string): Promise<Contents> {
  const at = new Map<string, string>();
  const placeOf = new Map<string, string>();
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const lines = await kcatLines(bootstrap, TOPIC, partition);
    for (const [offset, line] of lines.entries()) {
      const [found = '', text = ''] = line.split(' ');
      if (found !== String(offset))
        throw new Error(`offset ${offset} of partition ${partition} is missing: found ${found}`);
      const place = `${partition}-${offset}`;
      const value = valueOf(text);
      const first = placeOf.get(value);
      if (first !== undefined) throw new Error(`"${value}" is at ${first} and again at ${place}`);
      at.set(place, value);
      placeOf.set(value, place);
    }
  }
  return { at, placeOf };
}

/** In each partition the values of each producer ascend. */
function expectInOrder({ at }: Contents): void {
  const last = new Map<string, number>();
  for (const [place, value] of at) {
    const [partition = ''] = place.split('-');
    const [name = '', count = ''] = value.split('-');
    const stream = `${name} ${partition}`;
    if (Number(count) <= (last.get(stream) ?? -1))
      throw new Error(`"${value}" at ${place} comes after ${name}-${last.get(stream) ?? -1}`);
    last.set(stream, Number(count));
  }
}

/** Every record has been seen by each group, and its end committed. */
async function untilRead(
  client: KafkaClient,
  readings: readonly Reading[],
  { at, placeOf }: Contents,
): Promise<void> {
  for (const { groupId, seen } of readings) {
    const committedTotal = async (): Promise<number> => {
      const offsets = await client.admin.listGroupOffsets(groupId);
      return offsets.reduce((sum, { offset }) => sum + offset, 0);
    };
    while ((await committedTotal()) < at.size) await systemClock.sleep(100);
    const unseen = [...placeOf.keys()].filter((value) => !seen.has(value));
    expect({ groupId, unseen }).toEqual({ groupId, unseen: [] });
  }
}
