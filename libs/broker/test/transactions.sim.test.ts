import { expect, test } from '@jest/globals';
import { silentLogger, systemClock, type Random } from '@millrace/foundation';
import { SimDisk } from '@millrace/log';
import { openBroker, type Broker } from '../src/index.ts';
import { RawClient } from './broker-context.ts';
import {
  committedOffset,
  latestOffset,
  READ_COMMITTED,
  READ_UNCOMMITTED,
  readValues,
} from './read-records.ts';
import { eventually, TransactionalProducer } from './transactional-producer.ts';

/*
 * A producer writes the number of each transaction to two topics and commits it as the offset of a
 * group, in turns with commit and abort, while the power goes at one operation of the disk after
 * another. Whatever was lost: the topics and the group agree, nothing is there twice, what was
 * acknowledged holds, and nothing stays open.
 */
const TOPICS = ['left', 'right'] as const;
const TRANSACTIONS = 5;
const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);
/**
 * With two losses of power, every how many-th point is tried for the second one (and every eleventh at most for the
 * first); which ones is up to the seed. 1 takes all pairs, for more than an hour.
 */
const STRIDE = Number(process.env['MILLRACE_STRIDE'] ?? 61);
const FIRST_STRIDE = Math.min(STRIDE, 11);

/** How each client flow ends transactions: before and since KIP-890. */
const FLOWS = [
  { name: 'with partitions added before', addsBefore: true, produce: 11, commit: 4, end: 4 },
  { name: 'of KIP-890', addsBefore: false, produce: 12, commit: 5, end: 5 },
] as const;
type Flow = (typeof FLOWS)[number];

interface Outcome {
  readonly committed: number[];
  readonly aborted: number[];
  /** Its EndTxn was not answered: it may be either. */
  open: number | undefined;
}

test.each(FLOWS)(
  'transactions $name are all or nothing after a loss of power at any point',
  async (flow) => {
    const whole = await life(flow);
    expect(whole.operations).toBeGreaterThan(60);
    expect(whole.found).toEqual([0, 2, 4]);
    for (let crashAt = whole.firstOperation; crashAt <= whole.operations; crashAt += 1)
      await life(flow, { crashAt, seed: crashAt + SEED });
  },
  240_000,
);

test.each(FLOWS)(
  'transactions $name are all or nothing if the power goes again while they are completed',
  async (flow) => {
    const whole = await life(flow);
    const first = whole.firstOperation + (SEED % FIRST_STRIDE);
    for (let crashAt = first; crashAt <= whole.operations; crashAt += FIRST_STRIDE) {
      let againAt = 1 + ((SEED + crashAt * 7) % STRIDE);
      const next = (): Promise<Life> =>
        life(flow, { crashAt, againAt, seed: crashAt + againAt + SEED });
      while ((await next()).hasCrashedAgain) againAt += STRIDE;
    }
  },
  7_200_000,
);

interface Losses {
  /** The operation of the disk at which the power goes. */
  readonly crashAt: number;
  /** The same of the start after it. */
  readonly againAt?: number;
  /** Decides what of the unsynced has reached the disk by itself. */
  readonly seed: number;
}

interface Life {
  /** Of the disk, when the topics were there and the first transaction could begin. */
  readonly firstOperation: number;
  readonly operations: number;
  readonly hasCrashedAgain: boolean;
  readonly found: readonly number[];
}

async function life(flow: Flow, losses?: Losses): Promise<Life> {
  const disk = new SimDisk();
  const outcome: Outcome = { committed: [], aborted: [], open: undefined };
  const power = new Power(disk, losses?.crashAt, losses?.seed);
  const broker = await open(disk);
  const client = await clientOf(broker);
  for (const topic of TOPICS) await client.createTopic(topic);
  const firstOperation = power.operations + 1;
  const work = transact(client, flow, outcome);
  await Promise.race([work, power.gone]);
  if (losses === undefined) await work;
  // What the lost process still tries fails; it must not be heard of again.
  await broker.close().catch(() => undefined);
  await work.catch(() => undefined);
  const hasCrashedAgain = losses?.againAt !== undefined && (await loseAgain(disk, losses));
  disk.fault = () => undefined;
  const found = await check(disk, outcome, { flow: flow.name, ...losses });
  return { firstOperation, operations: power.operations, hasCrashedAgain, found };
}

/** The power goes at one operation of the disk. */
class Power {
  operations = 0;
  hasGone = false;
  readonly gone: Promise<void>;

  constructor(disk: SimDisk, crashAt: number | undefined, seed = 0) {
    this.gone = new Promise((resolve) => {
      disk.fault = () => {
        this.operations += 1;
        if (this.operations !== crashAt) return undefined;
        this.hasGone = true;
        disk.crash(seed % 3 === 0 ? undefined : seededRandom(seed));
        resolve();
        return undefined;
      };
    });
  }
}

/** A start and an heir that complete what is open, if the power lets them. */
async function loseAgain(disk: SimDisk, { againAt, seed }: Losses): Promise<boolean> {
  const power = new Power(disk, againAt, seed + 1);
  const opening = open(disk);
  const completing = opening.then(async (broker) => {
    const client = await clientOf(broker);
    must(await new TransactionalProducer(client, 't').init());
    await stableOffsets(client);
  });
  await Promise.race([completing.catch(() => undefined), power.gone]);
  const broker = await opening.catch(() => undefined);
  await broker?.close().catch(() => undefined);
  await completing.catch((error: unknown) => {
    if (!power.hasGone) throw error;
  });
  return power.hasGone;
}

/** Until nothing is left open. */
function stableOffsets(client: RawClient): Promise<readonly number[]> {
  return eventually(
    () => Promise.all(TOPICS.map((topic) => latestOffset(client, topic, READ_COMMITTED))),
    (offsets) => offsets.every((offset) => offset >= 0),
  );
}

async function transact(client: RawClient, flow: Flow, outcome: Outcome): Promise<void> {
  const producer = new TransactionalProducer(client, 't');
  must(await producer.init());
  for (let number = 0; number < TRANSACTIONS; number += 1) {
    outcome.open = number;
    const isCommit = number % 2 === 0;
    if (flow.addsBefore) {
      for (const topic of TOPICS) must(await producer.addPartitions(topic));
      must(await producer.addOffsets('g'));
    }
    for (const topic of TOPICS)
      must((await producer.produce(topic, [`${number}`], { version: flow.produce })).errorCode);
    must(await producer.commitOffset('g', 'left', number + 1, { version: flow.commit }));
    must(await producer.end(isCommit, flow.end));
    (isCommit ? outcome.committed : outcome.aborted).push(number);
    outcome.open = undefined;
  }
}

async function check(
  disk: SimDisk,
  outcome: Outcome,
  where: Readonly<Record<string, unknown>>,
): Promise<readonly number[]> {
  const broker = await open(disk);
  const client = await clientOf(broker);
  // An heir of the id: what was prepared is completed, what was open aborted.
  const heir = new TransactionalProducer(client, 't');
  must(await heir.init());
  const stable = await stableOffsets(client);
  const ends = await Promise.all(
    TOPICS.map((topic) => latestOffset(client, topic, READ_UNCOMMITTED)),
  );
  expect({ where, stable }).toEqual({ where, stable: ends });
  const [left, right] = await Promise.all(
    TOPICS.map(async (topic) => (await readValues(client, topic)).map(Number)),
  );
  const found = left ?? [];
  expect({ where, values: right }).toEqual({ where, values: found });
  const last = found.at(-1);
  expect({ where, offset: await committedOffset(client, 'g', 'left') }).toEqual({
    where,
    offset: { errorCode: 0, committedOffset: last === undefined ? -1 : last + 1 },
  });
  const isOpenFound = outcome.open !== undefined && found.includes(outcome.open);
  const expected = [...outcome.committed, ...(isOpenFound ? [outcome.open] : [])];
  expect({ where, outcome, found }).toEqual({ where, outcome, found: expected });
  // Life goes on.
  must((await heir.produce('left', ['100'], { version: 12 })).errorCode);
  must(await heir.end(true, 5));
  const later = await eventually(
    () => readValues(client, 'left'),
    (values) => values.includes('100'),
  );
  expect(later.map(Number)).toEqual([...found, 100]);
  await broker.close();
  return found;
}

function open(disk: SimDisk): Promise<Broker> {
  return openBroker({
    config: {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'log.dirs': '/data',
      // Small, so that crashes meet rolls, and few files to open.
      'log.segment.bytes': '400',
      'offsets.topic.num.partitions': '2',
      'transaction.state.log.num.partitions': '2',
      'transaction.state.log.segment.bytes': '600',
    },
    disk: disk.forProcess(),
    clock: systemClock,
    log: silentLogger,
  });
}

async function clientOf(broker: Broker): Promise<RawClient> {
  const transport = broker.transport('test');
  return new RawClient(
    await transport.connect({ host: 'here', port: 0 }, new AbortController().signal),
  );
}

function must(errorCode: number): void {
  if (errorCode !== 0) throw new Error(`refused with ${errorCode}`);
}

function seededRandom(seed: number): Random {
  let state = seed * 2_654_435_761 + 1;
  const next = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1) >>> 0;
    return state;
  };
  return {
    nextInt: (bound) => next() % bound,
    nextBytes: (count) => Uint8Array.from({ length: count }, () => next() & 255),
  };
}
