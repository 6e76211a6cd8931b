import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { silentLogger, systemClock, type Random } from '@millrace/foundation';
import { SimDisk } from '@millrace/log';
import { applyMetadata } from '../src/metadata/image-builder.ts';
import { recordsOfImage } from '../src/metadata/image-records.ts';
import type { MetadataImage } from '../src/metadata/metadata-image.ts';
import {
  configRecord,
  partitionChange,
  type MetadataRecord,
} from '../src/metadata/metadata-records.ts';
import { METADATA_FOLDER, QuorumOfOne } from '../src/metadata/quorum-of-one.ts';
import { electSelf } from '../src/registration.ts';

const LOG_DIR = '/data';
const DIRECTORY_ID = 'abcdefghijklmnopqrstug';
const TOPIC = 2;

/** Small, so that a few changes meet rolls, snapshots and deletions. */
function open(disk: SimDisk, nodeId = 1): Promise<QuorumOfOne> {
  return QuorumOfOne.open({
    logDir: LOG_DIR,
    voter: { nodeId, directoryId: DIRECTORY_ID, host: '127.0.0.1', port: 9092 },
    segmentBytes: 1000,
    bytesBetweenSnapshots: 700,
    bootstrap: () =>
      Promise.resolve([{ kind: 'feature-level', name: 'metadata.version', featureLevel: 27 }]),
    disk: disk.forProcess(),
    clock: systemClock,
    log: silentLogger,
  });
}

function topicRecords(name: string, index: number): readonly MetadataRecord[] {
  const topicId = Buffer.from(`${index}`.padStart(16, 'x')).toString('base64url');
  return [
    { kind: 'topic', name, topicId },
    configRecord(TOPIC, name, 'retention.ms', `${index}`),
    ...[0, 1].map((partitionId): MetadataRecord => ({
      kind: 'partition',
      ...{ partitionId, topicId, replicas: [1], isr: [1], removingReplicas: [] },
      ...{ addingReplicas: [], leader: 1, leaderRecoveryState: 0, leaderEpoch: 0 },
      ...{ partitionEpoch: 0, directories: [DIRECTORY_ID] },
      ...{ eligibleLeaderReplicas: null, lastKnownElr: null },
    })),
  ];
}

/** The n-th change: topics come, change and go, so that the image stays small and the log does not. */
function change(step: number): (image: MetadataImage) => readonly MetadataRecord[] {
  return (image) => {
    const topics = [...image.topicsById.values()];
    const [oldest] = topics;
    if (oldest === undefined || step % 4 < 2) return topicRecords(`topic-${step}`, step);
    if (step % 4 === 2) {
      return [
        partitionChange(oldest.topicId, 1, { leader: 1 }),
        configRecord(TOPIC, oldest.name, 'retention.ms', null),
        configRecord(4, '', 'log.retention.ms', `${step}`),
        { kind: 'producer-ids', brokerId: 1, brokerEpoch: 5, nextProducerId: step * 1000 },
      ];
    }
    return [{ kind: 'remove-topic', topicId: oldest.topicId }];
  };
}

test('what nobody leads, as after a clean stop of Kafka, is led here again in a new epoch', async () => {
  const disk = new SimDisk();
  const quorum = await open(disk);
  await quorum.change(() => topicRecords('t', 1));
  const [topicId] = quorum.image.topicsById.keys();
  const leaders = (): unknown[] =>
    [...quorum.image.topicsById.values()].flatMap(({ partitions }) =>
      partitions.map(({ leader, leaderEpoch, isr }) => [leader, leaderEpoch, isr]),
    );
  await quorum.change(() => [
    partitionChange(topicId ?? '', 0, { leader: -1, isr: [], eligibleLeaderReplicas: [1] }),
  ]);
  expect(leaders()).toEqual([
    [-1, 1, []],
    [1, 0, [1]],
  ]);
  await electSelf(quorum, 1, false);
  expect(leaders()).toEqual([
    [1, 2, [1]],
    [1, 0, [1]],
  ]);
  await electSelf(quorum, 1, true);
  expect(leaders()).toEqual([
    [1, 3, [1]],
    [1, 1, [1]],
  ]);
  await quorum.close();
});

test('the log of a quorum of several nodes is not opened by one of them alone', async () => {
  const disk = new SimDisk();
  await (await open(disk)).close();
  await expect(open(disk, 2)).rejects.toMatchObject({ code: 'broker.not_sole_voter' });
});

/** All that an image says, whatever the order of its maps. */
function textOf(image: MetadataImage): string {
  return JSON.stringify([...recordsOfImage(image)].map((record) => JSON.stringify(record)).sort());
}

const STEPS = 24;

test('whatever is acknowledged is there after a loss of power at any point, and nothing half done', async () => {
  const whole = await life(undefined, 0);
  expect(whole.operations).toBeGreaterThan(100);
  for (let crashAt = 1; crashAt <= whole.operations; crashAt += 1) await life(crashAt, crashAt);
}, 120_000);

interface Life {
  readonly operations: number;
}

async function life(crashAt: number | undefined, seed: number): Promise<Life> {
  const disk = new SimDisk();
  let operations = 0;
  disk.fault = () => {
    operations += 1;
    if (operations === crashAt) disk.crash(seededRandom(seed));
    return undefined;
  };
  // Images after each acknowledged change, and the one that may come of the change under way.
  let acknowledged: string | undefined;
  let possible: string | undefined;
  let ledEpoch = 0;
  try {
    const quorum = await open(disk);
    ledEpoch = quorum.quorum.leaderEpoch;
    acknowledged = textOf(quorum.image);
    for (let step = 0; step < STEPS; step += 1) {
      const decided = change(step)(quorum.image);
      possible = textOf(applyMetadata(quorum.image, decided));
      acknowledged = textOf(await quorum.change(change(step)));
      expect(acknowledged).toBe(possible);
    }
    await quorum.close();
    if (crashAt !== undefined) return { operations };
  } catch (error) {
    if (crashAt === undefined) throw error;
  }
  disk.fault = () => undefined;
  const reopened = await open(disk);
  const found = textOf(reopened.image);
  if (acknowledged !== undefined) expect([acknowledged, possible]).toContain(found);
  expect(reopened.quorum.leaderEpoch).toBeGreaterThan(ledEpoch);
  await reopened.change(change(1000));
  const last = textOf(reopened.image);
  await reopened.close();
  const again = await open(disk);
  expect(textOf(again.image)).toBe(last);
  await again.close();
  return { operations };
}

test('the log is bounded: snapshots take the place of old segments', async () => {
  const disk = new SimDisk();
  const quorum = await open(disk);
  for (let step = 0; step < 400; step += 1) {
    if (quorum.image.topicsById.size > 3) {
      const [topic] = quorum.image.topicsById.keys();
      await quorum.change(() => [{ kind: 'remove-topic', topicId: topic ?? '' }]);
    }
    await quorum.change(() => topicRecords(`topic-${step}`, step));
  }
  const before = textOf(quorum.image);
  await quorum.close();
  expect(disk.usedBytes).toBeLessThan(20_000);
  const names = disk.paths().filter((path) => path.endsWith('.checkpoint'));
  expect(names).toHaveLength(2);
  const reopened = await open(disk);
  expect(textOf(reopened.image)).toBe(before);
  await reopened.close();
});

test('a damaged snapshot is passed over for the one before it', async () => {
  const disk = new SimDisk();
  const quorum = await open(disk);
  for (let step = 0; step < STEPS; step += 1) await quorum.change(change(step));
  const before = textOf(quorum.image);
  await quorum.close();
  const newest = disk
    .paths()
    .filter((path) => path.endsWith('.checkpoint'))
    .at(-1);
  const bytes = disk.contentOf(newest ?? '');
  expect(bytes).toBeDefined();
  bytes?.fill(7, 100, 140);
  const reopened = await open(disk);
  expect(textOf(reopened.image)).toBe(before);
  await reopened.close();
});

test.each([
  { what: 'the end of its segments', lost: (path: string) => path.endsWith('.log'), isCut: true },
  { what: 'all its segments', lost: isSegmentFile, isCut: false },
  {
    what: 'all its segments, and who led it',
    lost: (path: string) => isSegmentFile(path) || path.endsWith('quorum-state'),
    isCut: false,
  },
])('a log that has lost $what goes on from its newest snapshot', async ({ lost, isCut }) => {
  const disk = new SimDisk();
  // Led a few times, so that the epoch of the snapshot is not the first one.
  for (let start = 0; start < 3; start += 1) await (await open(disk)).close();
  const quorum = await open(disk);
  const imagesByEnd = new Map<number, string>();
  for (let step = 0; step < STEPS; step += 1) {
    imagesByEnd.set(quorum.appliedOffset + 1, textOf(quorum.image));
    await quorum.change(change(step));
  }
  imagesByEnd.set(quorum.appliedOffset + 1, textOf(quorum.image));
  await quorum.close();
  const [ended, epoch] = newestSnapshot(disk);
  expect(imagesByEnd.get(ended)).toBeDefined();
  for (const path of disk.paths().filter((path) => path.includes(METADATA_FOLDER) && lost(path))) {
    if (!isCut) await disk.remove(path);
    else await (await disk.open(path, 'existing')).truncate(0);
  }
  const reopened = await open(disk);
  expect(textOf(reopened.image)).toBe(imagesByEnd.get(ended));
  // INV-7: what is decided now follows what the snapshot stands for, in its offset and in its epoch.
  expect(reopened.appliedOffset).toBeGreaterThanOrEqual(ended);
  expect(reopened.quorum.leaderEpoch).toBeGreaterThan(epoch);
  for (let step = 0; step < STEPS; step += 1) await reopened.change(change(100 + step));
  const last = textOf(reopened.image);
  await reopened.close();
  const again = await open(disk);
  expect(textOf(again.image)).toBe(last);
  expect(again.quorum.leaderEpoch).toBe(reopened.quorum.leaderEpoch + 1);
  await again.close();
});

function isSegmentFile(path: string): boolean {
  return /\d{20}\.(log|index|timeindex|snapshot)$|leader-epoch-checkpoint$/.test(path);
}

/** Its end and its epoch. */
function newestSnapshot(disk: SimDisk): readonly [endOffset: number, epoch: number] {
  const name = disk
    .paths()
    .filter((path) => path.endsWith('.checkpoint'))
    .at(-1);
  const match = /(\d{20})-(\d{10})\.checkpoint$/.exec(name ?? '');
  return [Number(match?.[1]), Number(match?.[2])];
}

test('a log that begins behind its snapshots is not opened: something is missing between them', async () => {
  const disk = new SimDisk();
  const quorum = await open(disk);
  for (let step = 0; step < 3 * STEPS; step += 1) await quorum.change(change(step));
  await quorum.close();
  for (const path of disk.paths().filter((path) => path.endsWith('.checkpoint')))
    await disk.remove(path);
  await expect(open(disk)).rejects.toMatchObject({ code: 'broker.metadata_damaged' });
});

test('a change that finds no room is refused and leaves no trace', async () => {
  const disk = new SimDisk();
  const quorum = await open(disk);
  const before = textOf(quorum.image);
  disk.capacityBytes = disk.usedBytes + 20;
  await expect(quorum.change(() => topicRecords('no-room', 1))).rejects.toThrow(/not stored/);
  expect(textOf(quorum.image)).toBe(before);
  disk.capacityBytes = Infinity;
  await quorum.change(() => topicRecords('room', 2));
  await quorum.close();
  const reopened = await open(disk);
  expect([...reopened.image.topicsByName.keys()]).toEqual(['room']);
  await reopened.close();
});

test('a vote that can not be read stops the start: it could be given twice', async () => {
  const disk = new SimDisk();
  await (await open(disk)).close();
  const path = join(LOG_DIR, METADATA_FOLDER, 'quorum-state');
  const state = disk.contentOf(path);
  expect(Buffer.from(state ?? []).toString()).toContain('"leaderEpoch":1');
  state?.fill(0);
  await expect(open(disk)).rejects.toMatchObject({ code: 'broker.metadata_damaged' });
});

function seededRandom(seed: number): Random {
  let state = seed * 2_654_435_761 + 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
  return {
    nextInt: (exclusiveMax) => next() % exclusiveMax,
    nextBytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  };
}
