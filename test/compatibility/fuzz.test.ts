import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '@millrace/foundation';
import {
  apiByKey,
  apis,
  encodeRequestFrame,
  ErrorCode,
  RecordBatchBuilder,
} from '@millrace/kafka-protocol';
import fc from 'fast-check';
import { batchOf, BrokerContext, type RawClient } from '../../libs/broker/test/broker-context.ts';
import {
  apiDefinitions,
  messageOf,
  versionsOf,
} from '../../libs/kafka-protocol/test/random-messages.ts';

/**
 * Bad input at the network of a live broker: every api in every version, cut, bent and random. Whatever
 * comes is answered or ends its connection; the broker goes on, and others are served as before.
 * MILLRACE_FUZZ_SEED repeats a run, MILLRACE_FUZZ_MS is how long each of the tests may go on.
 */
const SEED = Number(process.env['MILLRACE_FUZZ_SEED'] ?? 20_261_122);
const BUDGET_MS = Number(process.env['MILLRACE_FUZZ_MS'] ?? 1000);
/** Only a bound, for a busy machine. */
const TIMEOUT_MS = BUDGET_MS + 180_000;
/** Connections at a time. */
const WIDTH = 16;
/** How long an answer may take that nothing delays. */
const ANSWER_MS = 10_000;
/** These wait for others or as long as they are told, or ask for no answer (acks=0): silence is no fault. */
const MAY_WAIT: ReadonlySet<number> = new Set([
  apis.produce.key,
  apis.fetch.key,
  apis.joinGroup.key,
  apis.syncGroup.key,
]);
/** These set what holds for everybody, the witness included. */
const CHANGES_ALL: ReadonlySet<string> = new Set(['AlterClientQuotas', 'UpdateFeatures']);
const LENGTHS_32 = [0, -1, 1, 0x7fff_ffff, -0x8000_0000, 0x0fff_ffff];
const BOMB_BYTES = 24 * 1024 * 1024;
/** Far below what all bombs of a test take when they are unpacked together. */
const BOMBS = 48;
const MEMORY_GROWTH_MAX = BOMBS * BOMB_BYTES * 0.75;

let context: BrokerContext;
let witness: RawClient;
let produced = 0;

beforeAll(async () => {
  context = await BrokerContext.open({
    config: { 'partitions.max': '200', 'groups.max': '200', 'socket.request.max.bytes': '4000000' },
  });
  witness = await context.client('tcp');
  await witness.createTopic('witness');
});

afterAll(async () => {
  await context[Symbol.asyncDispose]();
});

/** A frame of every api and version, the values of which the seed decides. */
function framesOf(seed: number, options: { isFull: boolean; isSmall: boolean }): Sample[] {
  return apiDefinitions.flatMap((definition) => {
    const api = apiByKey(definition.key);
    if (api === undefined || !witness.connection.versions.has(definition.key)) return [];
    const max = witness.connection.versions.get(definition.key)?.max ?? -1;
    return versionsOf(definition)
      .filter((version) => version <= max)
      .map((version) => {
        const [request] = fc.sample(messageOf(definition.request, version, options), {
          numRuns: 1,
          seed,
        });
        return {
          api: definition,
          version,
          bytes: Buffer.from(encodeRequestFrame(api, version, 1, 'fuzz', request)),
        };
      });
  });
}

interface Sample {
  readonly api: { readonly key: number; readonly name: string };
  readonly version: number;
  readonly bytes: Buffer;
}

/** The header of a frame: its size and what names the api and version. */
const HEADER_BYTES = 8;

function resized(bytes: Uint8Array): Buffer {
  const frame = Buffer.from(bytes);
  frame.writeInt32BE(frame.byteLength - 4, 0);
  return frame;
}

/** Sends the bytes on a connection of their own; answers how that ended. */
async function provoke(bytes: Uint8Array): Promise<'answered' | 'closed' | 'silent'> {
  const socket: Socket = connect(context.port, '127.0.0.1');
  const stop = new AbortController();
  try {
    return await new Promise((resolve) => {
      socket.once('data', () => resolve('answered'));
      socket.once('close', () => resolve('closed'));
      socket.on('error', () => resolve('closed'));
      socket.write(bytes);
      systemClock.sleep(ANSWER_MS, stop.signal).then(
        () => resolve('silent'),
        () => undefined, // it was heard of in time
      );
    });
  } finally {
    stop.abort();
    socket.destroy();
  }
}

/** Another client writes and reads, and finds just what it wrote. */
async function expectServed(): Promise<void> {
  const answer = await witness.produce('witness', batchOf([`value ${produced}`]));
  expect(answer).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: produced });
  produced += 1;
  expect((await witness.fetch('witness', 0)).highWatermark).toBe(produced);
}

/** Provokes with everything in turn until the time is up; throws where an answer is missing. */
async function provokeAll(cases: Iterable<Case>): Promise<number> {
  const deadlineMs = systemClock.monotonicMs() + BUDGET_MS;
  const iterator = cases[Symbol.iterator]();
  let count = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      if (systemClock.monotonicMs() > deadlineMs) return;
      const next = iterator.next();
      if (next.done === true) return;
      const { sample, bytes, what } = next.value;
      count += 1;
      if (MAY_WAIT.has(bytes.readInt16BE(4))) {
        void provoke(bytes);
        await expectListed();
        continue;
      }
      const outcome = await provoke(bytes);
      if (outcome === 'silent')
        throw new Error(`${sample.api.name} ${sample.version} ${what}: no answer (seed ${SEED})`);
      if (count % 500 === 0) await expectListed();
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, worker));
  await expectServed();
  return count;
}

async function expectListed(): Promise<void> {
  const { topics } = await witness.ask(apis.metadata, {
    topics: [{ name: 'witness' }],
  });
  expect(topics[0]?.errorCode).toBe(ErrorCode.NONE);
}

interface Case {
  readonly sample: Sample;
  readonly bytes: Buffer;
  readonly what: string;
}

/** All of them in an order that the seed decides, so that a short run sees some of everything. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const mixed = [...items];
  for (let index = mixed.length - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    const [a, b] = [mixed[index], mixed[other]];
    if (a === undefined || b === undefined) continue;
    mixed[index] = b;
    mixed[other] = a;
  }
  return mixed;
}

/** A generator of numbers from 0 to 1 that gives the same for the same seed. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

test(
  'a request of any api cut at any byte ends its connection or is answered',
  async () => {
    const samples = framesOf(SEED, { isFull: true, isSmall: true });
    const cuts = samples.flatMap((sample) =>
      Array.from({ length: sample.bytes.byteLength - HEADER_BYTES }, (_, index) => ({
        sample,
        length: HEADER_BYTES + index,
      })),
    );
    function* cases(): Generator<Case> {
      for (const { sample, length } of shuffled(cuts, seeded(SEED)))
        yield {
          sample,
          bytes: resized(sample.bytes.subarray(0, length)),
          what: `cut to ${length}`,
        };
    }
    expect(await provokeAll(cases())).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test(
  'flipped bits and lengths of 0, -1 and the maximum at any place do no harm',
  async () => {
    const samples = framesOf(SEED, { isFull: true, isSmall: true }).filter(
      ({ api }) => !CHANGES_ALL.has(api.name),
    );
    const random = seeded(SEED + 1);
    function* cases(): Generator<Case> {
      for (;;) {
        const sample = samples[Math.floor(random() * samples.length)];
        if (sample === undefined) return;
        const bytes = Buffer.from(sample.bytes);
        const at = HEADER_BYTES + Math.floor(random() * (bytes.byteLength - HEADER_BYTES));
        const kind = Math.floor(random() * 4);
        if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        else if (kind === 1 && at + 4 <= bytes.byteLength)
          bytes.writeInt32BE(LENGTHS_32[Math.floor(random() * LENGTHS_32.length)] ?? 0, at);
        else if (kind === 2 && at + 2 <= bytes.byteLength)
          bytes.writeInt16BE([0, -1, 0x7fff, -0x8000][Math.floor(random() * 4)] ?? 0, at);
        else bytes.fill(0xff, at, Math.min(at + 5, bytes.byteLength)); // more than any varint has
        yield { sample, bytes, what: `damaged at ${at}` };
      }
    }
    expect(await provokeAll(cases())).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test(
  'well-formed requests of random values are answered',
  async () => {
    function* cases(): Generator<Case> {
      for (let round = 0; ; round += 1) {
        const samples = framesOf(SEED + round, { isFull: round % 2 === 0, isSmall: false });
        for (const sample of shuffled(samples, seeded(SEED + round))) {
          if (CHANGES_ALL.has(sample.api.name)) continue;
          yield { sample, bytes: sample.bytes, what: `random, round ${round}` };
        }
      }
    }
    expect(await provokeAll(cases())).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

test(
  'batches that are cut, bent or of random bytes are refused one by one',
  async () => {
    await witness.createTopic('bent', 1, { 'cleanup.policy': 'compact' });
    const random = seeded(SEED + 2);
    const whole = batchOf(['one', 'two', 'three']);
    const deadlineMs = systemClock.monotonicMs() + BUDGET_MS;
    for (let count = 0; systemClock.monotonicMs() < deadlineMs; count += 1) {
      const batch = Uint8Array.from(whole);
      const at = Math.floor(random() * batch.byteLength);
      const kind = count % 3;
      if (kind === 0) batch[at] = (batch[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      if (kind === 1) new DataView(batch.buffer).setInt32(Math.min(at, batch.length - 4), -1);
      const bytes = kind === 2 ? batch.subarray(0, at) : batch;
      const { errorCode } = await witness.produce('bent', bytes);
      if (!isSameForBroker(bytes, whole))
        expect([errorCode, kind, at]).not.toEqual([ErrorCode.NONE, kind, at]);
    }
    await expectServed();
  },
  TIMEOUT_MS,
);

/** Base offset and leader epoch are the broker's to set. */
function isSameForBroker(bytes: Uint8Array, whole: Uint8Array): boolean {
  const same = (from: number, to?: number): boolean =>
    Buffer.compare(bytes.subarray(from, to), whole.subarray(from, to)) === 0;
  return same(8, 12) && same(16);
}

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'records that grow a thousandfold when they are decompressed (%s) take bounded memory',
  async (codec) => {
    const topic = `bombs-${codec}`;
    await witness.createTopic(topic, 1, {
      'cleanup.policy': 'compact',
      'compression.type': codec === 'zstd' ? 'gzip' : 'zstd',
    });
    const builder = new RecordBatchBuilder();
    builder.append(Buffer.from('key'), Buffer.alloc(BOMB_BYTES), Date.now());
    const bomb = await builder.build({ codec });
    const before = process.resourceUsage().maxRSS * 1024;
    const clients = await Promise.all(Array.from({ length: BOMBS }, () => context.client('tcp')));
    await Promise.all(clients.map((client) => client.produce(topic, bomb)));
    expect(process.resourceUsage().maxRSS * 1024 - before).toBeLessThan(MEMORY_GROWTH_MAX);
    await expectServed();
  },
  TIMEOUT_MS,
);
