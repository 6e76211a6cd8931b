import { readFile, truncate } from 'node:fs/promises';
import type { TopicAccess, TopicLog } from '@millrace/connector-api';
import { isAborted, type Clock, type Logger } from '@millrace/foundation';
import { signalOfJson, type Signal } from './signal.ts';

/** A way by which signals come that is asked for them. The signal table is not one: it comes with the stream. */
export interface SignalChannel extends AsyncDisposable {
  /** What came since the last call; none at once when there is nothing. Throws when it can't be asked. */
  read(signal: AbortSignal): Promise<readonly Signal[]>;
}

/** `signal.file`: a signal as JSON in each line. It is emptied once it was read. */
export class FileSignals implements SignalChannel {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<readonly Signal[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if (isMissing(error)) return ''; // nobody has written one yet
      throw error;
    });
    if (text.trim() === '') return [];
    const signals = text
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '')
      .map((line) => signalOfJson(line, 'file'));
    await truncate(this.#path, 0);
    return signals;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open between two looks.
  }
}

function isMissing(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
}

export interface TopicSignalsOptions {
  readonly topics: TopicAccess;
  /** `signal.kafka.topic`; its partition 0 is read. */
  readonly topic: string;
  /** `signal.kafka.bootstrap.servers`; null: the worker's cluster. */
  readonly bootstrapServers: string | null;
  /** `signal.consumer.*` without its prefix. */
  readonly clientConfig: Readonly<Record<string, string>>;
  /** `topic.prefix`: the key of records that are meant. */
  readonly connectorName: string;
  /** Offset of the last signal that was obeyed; null: from the beginning. */
  readonly after: number | null;
}

/** `signal.kafka.topic`: records whose key is the logical name, and whose value is a signal as JSON. */
export class TopicSignals implements SignalChannel {
  readonly #options: TopicSignalsOptions;
  #log: TopicLog | undefined;
  #next: number;

  constructor(options: TopicSignalsOptions) {
    this.#options = options;
    this.#next = options.after === null ? 0 : options.after + 1;
  }

  async read(signal: AbortSignal): Promise<readonly Signal[]> {
    const { bootstrapServers, clientConfig, connectorName, topic, topics } = this.#options;
    this.#log ??= topics.open(topic, { bootstrapServers, clientConfig });
    const { records, nextOffset } = await this.#log.read(this.#next, 0, signal);
    this.#next = nextOffset;
    return records
      .filter(({ key, value }) => value !== null && textOf(key) === connectorName)
      .map(({ offset, value }) => signalOfJson(textOf(value), 'kafka', offset));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log?.[Symbol.asyncDispose]();
  }
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes).toString();
}

export interface SignalInboxOptions {
  readonly channels: readonly SignalChannel[];
  /** `signal.poll.interval.ms` */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** More that wait are not read before these were taken (INV-6). */
const WAITING_MAX = 1000;

/** Looks at the channels now and then, in the background; signals wait here until they are taken. */
export class SignalInbox implements AsyncDisposable {
  readonly #options: SignalInboxOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #waiting: Signal[] = [];
  #hasFailed = false;

  constructor(options: SignalInboxOptions) {
    this.#options = options;
    this.#running = options.channels.length === 0 ? Promise.resolve() : this.#run();
  }

  /** Adds a signal that came by another way. */
  add(signal: Signal): void {
    this.#waiting.push(signal);
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  take(): readonly Signal[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    for (const channel of this.#options.channels) await channel[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    const { channels, clock, intervalMs } = this.#options;
    const { signal } = this.#stop;
    while (!isAborted(signal)) {
      if (this.#waiting.length < WAITING_MAX)
        for (const channel of channels) await this.#readFrom(channel, signal);
      await clock.sleep(intervalMs, signal).catch(() => undefined); // woken by the end
    }
  }

  async #readFrom(channel: SignalChannel, signal: AbortSignal): Promise<void> {
    try {
      this.#waiting.push(...(await channel.read(signal)));
      this.#hasFailed = false;
    } catch (error) {
      if (isAborted(signal) || this.#hasFailed) return;
      this.#hasFailed = true; // told once, until it works again
      this.#options.log.warn({ err: error }, 'a signal channel can not be read; it is tried again');
    }
  }
}
