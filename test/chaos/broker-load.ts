import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { systemClock } from '@millrace/foundation';
import type { KafkaClient } from '@millrace/kafka-client';
import { findTool } from '@millrace/test-servers';
import type { Kafka } from 'kafkajs';
import { within } from './steps.ts';

export const PARTITIONS = 3;
/** Small, so that recovery meets many, but no batch is larger than a segment. */
export const SEGMENT_BYTES = 262_144;
const BATCH = 20;
const PAUSE_MS = 8;
const IN_FLIGHT_MAX = 5;
/** librdkafka gathers so much while the broker is away. */
const BATCH_BYTES_MAX = 65_536;
const PADDING = '.'.repeat(80);

/** What a topic holds in the end: the value at `partition-offset`, and each value's first place. */
export interface Contents {
  readonly at: ReadonlyMap<string, string>;
  readonly placeOf: ReadonlyMap<string, string>;
}

/**
 * An idempotent producer with acks=all that goes on over restarts of its broker. Its values are
 * `name-0`, `name-1`, … in the order of sending.
 */
export interface Load {
  readonly name: string;
  /** Grows as the broker acknowledges. */
  readonly acknowledgedCount: number;
  /** Resolves when all that was sent has been acknowledged, or given up. */
  stop(): Promise<void>;
  /** Values, or places, that were acknowledged but are not in the topic. */
  missingIn(contents: Contents): string[];
}

interface Sender {
  readonly name: string;
  readonly inFlightMax: number;
  /** Resolves with whether these values were acknowledged. */
  readonly send: (values: string[]) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Sends the next values until stopped. */
class ValueLoad implements Load {
  readonly name: string;
  readonly #acknowledged: string[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #next = 0;

  constructor(sender: Sender) {
    this.name = sender.name;
    this.#running = this.#run(sender).finally(() => sender.close());
    this.#running.catch(() => undefined); // told by `stop`
  }

  get acknowledgedCount(): number {
    return this.#acknowledged.length;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  missingIn({ placeOf }: Contents): string[] {
    return this.#acknowledged.filter((value) => !placeOf.has(value));
  }

  async #run({ inFlightMax, send }: Sender): Promise<void> {
    const { signal } = this.#stop;
    const inFlight = new Set<Promise<void>>();
    while (!signal.aborted) {
      const values = Array.from({ length: BATCH }, () => `${this.name}-${this.#next++}`);
      const sent = send(values).then((isAcknowledged) => {
        inFlight.delete(sent);
        if (isAcknowledged) this.#acknowledged.push(...values);
      });
      sent.catch(() => undefined); // stays among them, so that it is thrown below
      inFlight.add(sent);
      if (inFlight.size >= inFlightMax) await Promise.race(inFlight);
      await systemClock.sleep(PAUSE_MS, signal).catch(() => undefined); // the end of the load
    }
    await Promise.all(inFlight);
  }
}

export function ownLoad(client: KafkaClient, topic: string): Load {
  const producer = client.producer({ lingerMs: 2, requestTimeoutMs: 5_000 });
  const send = async (values: string[]): Promise<boolean> => {
    const { delivered } = await producer.send(
      values.map((value) => ({
        topic,
        partition: null,
        key: null,
        value: Buffer.from(value + PADDING),
        timestampMs: null,
        headers: [],
      })),
    );
    const { failures } = await delivered;
    if (failures[0] !== undefined) throw failures[0].error;
    return true;
  };
  return new ValueLoad({
    name: 'own',
    inFlightMax: IN_FLIGHT_MAX,
    send,
    close: () => producer.close(),
  });
}

export async function kafkaJsLoad(kafka: Kafka, topic: string): Promise<Load> {
  const connect = async () => {
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    return producer;
  };
  let producer = await connect();
  const send = async (values: string[]): Promise<boolean> => {
    try {
      await producer.send({
        topic,
        acks: -1,
        // A retry of KafkaJS chooses the partition anew unless it is given.
        messages: values.map((value, at) => ({
          partition: at % PARTITIONS,
          value: value + PADDING,
        })),
      });
      return true;
    } catch {
      // Whether it was written is unknown. KafkaJS would use the sequence again for other records.
      await producer.disconnect().catch(() => undefined);
      producer = await connect();
      return false;
    }
  };
  return new ValueLoad({
    name: 'kafkajs',
    inFlightMax: 1,
    send,
    close: () => producer.disconnect(),
  });
}

/** librdkafka by its command-line tool, which names the place of each acknowledged record. */
export class KcatLoad implements Load {
  readonly name = 'kcat';
  readonly #places: string[] = [];
  readonly #stop = new AbortController();
  readonly #child: ChildProcess;
  readonly #running: Promise<void>;
  readonly #exited: Promise<unknown>;
  #sent = 0;
  #errors = '';

  constructor(bootstrap: string, topic: string) {
    const settings = [
      ...['enable.idempotence=true', 'acks=all', 'message.timeout.ms=0', 'linger.ms=2'],
      ...['reconnect.backoff.max.ms=300', 'queue.buffering.max.messages=5000'],
      `batch.size=${BATCH_BYTES_MAX}`,
    ];
    const args = ['-b', bootstrap, '-P', '-t', topic, '-E', '-vvv', ...xOptions(settings)];
    const child = spawn(findTool('kcat', 'kcat'), args, { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#child = child;
    this.#exited = once(child, 'exit');
    createInterface(child.stderr).on('line', (line) => {
      const found = /delivered to partition (\d+) \(offset (\d+)\)/.exec(line);
      if (found !== null) this.#places.push(`${found[1] ?? ''}-${found[2] ?? ''}`);
      // That connections come and go is what the test does.
      else if (!/Connect to|Disconnected|connections are down/.test(line))
        this.#errors = (this.#errors + line + '\n').slice(-4_000);
    });
    child.stdin.on('error', () => undefined); // it died; its exit code is looked at
    this.#running = this.#run(child.stdin);
  }

  get acknowledgedCount(): number {
    return this.#places.length;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    try {
      await this.#running;
      await within('kcat ends', this.#exited);
    } finally {
      this.#child.kill('SIGKILL');
    }
    if (this.#child.exitCode !== 0 || this.#places.length !== this.#sent)
      throw new Error(
        `kcat: exit ${this.#child.exitCode ?? -1}, ${this.#places.length} of ${this.#sent} delivered\n${this.#errors}`,
      );
  }

  missingIn({ at }: Contents): string[] {
    return this.#places.filter((place) => !(at.get(place) ?? '').startsWith('kcat-'));
  }

  async #run(input: NodeJS.WritableStream): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const lines = Array.from({ length: BATCH }, () => `kcat-${this.#sent++}${PADDING}\n`);
      if (!input.write(lines.join(''))) await Promise.race([once(input, 'drain'), this.#exited]);
      await systemClock.sleep(PAUSE_MS, signal).catch(() => undefined); // the end of the load
    }
    input.end();
  }
}

/** Settings of librdkafka as options of kcat. */
export function xOptions(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ['-X', setting]);
}

/** The value as it was counted, without what makes it longer. */
export function valueOf(text: string): string {
  return text.slice(0, text.length - PADDING.length);
}
