import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { silentLogger, systemClock, type Clock } from '@millrace/foundation';
import { apis, encodeRequestFrame } from '@millrace/kafka-protocol';
import { openBroker, type Broker } from '../src/index.ts';
import { batchOf, RawClient } from './broker-context.ts';
import { Answers } from './raw-socket.ts';

const [IDLE, SILENT, DEAF, BUSY] = [1780, 100, 20, 100];
const IDLE_MS = 600_000;
const STEPS = 5;
const RESPONSE_BYTES_MAX = 4_000_000;
const BATCH_BYTES = 100_000;
/** Of this process, which holds both ends of each connection. */
const GROWTH_BYTES_MAX = 250_000_000;

/** Leaps ahead, and then wakes who has slept long enough. */
class LeapingClock implements Clock {
  #aheadMs = 0;
  readonly #sleepers = new Set<{ readonly dueMs: number; readonly wake: AbortController }>();

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs;
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#aheadMs;
  }

  async sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    const sleeper = { dueMs: this.monotonicMs() + durationMs, wake: new AbortController() };
    const signals = [sleeper.wake.signal, ...(signal === undefined ? [] : [signal])];
    this.#sleepers.add(sleeper);
    try {
      await systemClock.sleep(durationMs, AbortSignal.any(signals));
    } catch (error) {
      if (signal?.aborted === true || !sleeper.wake.signal.aborted) throw error;
    } finally {
      this.#sleepers.delete(sleeper);
    }
  }

  leap(ms: number): void {
    this.#aheadMs += ms;
    const nowMs = this.monotonicMs();
    for (const { dueMs, wake } of [...this.#sleepers]) if (dueMs <= nowMs) wake.abort();
  }
}

function gauge(broker: Broker, name: string): number {
  return broker.metrics().find((metric) => metric.name === name)?.samples[0]?.value ?? -1;
}

async function openSockets(count: number, port: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count; opened += 50) {
    const some = Array.from({ length: Math.min(50, count - opened) }, async () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined); // cut off in the middle of a write
      await once(socket, 'connect');
      return socket;
    });
    sockets.push(...(await Promise.all(some)));
  }
  return sockets;
}

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await systemClock.sleep(10);
}

test('of 2,000 connections the idle, the silent and the deaf are closed, the others served, and memory is bounded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-connections-'));
  const clock = new LeapingClock();
  const broker = await openBroker({
    config: {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'log.dirs': folder,
      'connections.max.idle.ms': String(IDLE_MS),
      'response.send.timeout.ms': '1000',
      'queued.max.response.bytes': String(RESPONSE_BYTES_MAX),
    },
    clock,
    log: silentLogger,
  });
  const sockets: Socket[] = [];
  try {
    const port = broker.addresses[0]?.port ?? 0;
    const transport = broker.transport('test');
    const client = new RawClient(
      await transport.connect({ host: 'here', port: 0 }, new AbortController().signal),
    );
    await client.createTopic('big');
    for (let batch = 0; batch < 20; batch += 1)
      await client.produce('big', batchOf(['x'.repeat(BATCH_BYTES)]));
    const before = process.memoryUsage().rss;
    const open = async (count: number): Promise<Socket[]> => {
      const some = await openSockets(count, port);
      sockets.push(...some);
      return some;
    };
    const idle = await open(IDLE);
    const silent = await open(SILENT);
    const deaf = await open(DEAF);
    const busy = await open(BUSY);
    const connections = (): number => gauge(broker, 'kafka_network_socketserver_connections');
    await until(() => connections() === IDLE + SILENT + DEAF + BUSY);

    for (const socket of idle) socket.resume();
    const half = Buffer.from(encodeRequestFrame(apis.metadata, 4, 1, 'half', { topics: [] }));
    for (const socket of silent) socket.resume().write(half.subarray(0, 9));
    const fetch = encodeRequestFrame(apis.fetch, 11, 1, 'deaf', {
      ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 26 },
      topics: [
        {
          topic: 'big',
          partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 24 }],
        },
      ],
    });
    for (const socket of deaf) {
      socket.pause();
      for (let count = 0; count < 200; count += 1) socket.write(fetch);
    }
    const answers = busy.map((socket) => new Answers(socket));
    let mostQueued = 0;
    for (let step = 1; step <= STEPS; step += 1) {
      for (const socket of busy)
        socket.write(encodeRequestFrame(apis.metadata, 4, step, 'busy', { topics: [] }));
      for (const answer of answers)
        expect((await answer.nextResponse(apis.metadata, 4)).correlationId).toBe(step);
      mostQueued = Math.max(mostQueued, gauge(broker, 'kafka_network_responses_queued_bytes'));
      // Who begins a request and leaves it has less patience to expect than who is quiet.
      if (step === 1) await until(() => connections() <= IDLE + SILENT + BUSY);
      if (step === 2) await until(() => connections() <= IDLE + BUSY);
      if (step < STEPS) expect(connections()).toBeGreaterThanOrEqual(IDLE + BUSY);
      clock.leap(IDLE_MS / (STEPS - 1));
    }
    const grown = process.memoryUsage().rss - before;
    await until(() => connections() <= BUSY);
    for (const socket of busy)
      socket.write(encodeRequestFrame(apis.metadata, 4, 99, 'busy', { topics: [] }));
    for (const answer of answers)
      expect((await answer.nextResponse(apis.metadata, 4)).correlationId).toBe(99);
    expect(connections()).toBe(BUSY);
    // Beyond the bound each is given one batch.
    expect(mostQueued).toBeLessThanOrEqual(RESPONSE_BYTES_MAX + DEAF * (BATCH_BYTES + 1000));
    expect(gauge(broker, 'kafka_network_responses_queued_bytes')).toBe(0);
    expect(gauge(broker, 'kafka_network_requestchannel_queued_bytes')).toBe(0);
    expect(grown).toBeLessThan(GROWTH_BYTES_MAX);
  } finally {
    for (const socket of sockets) socket.destroy();
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
