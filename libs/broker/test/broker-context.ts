import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSocket, type Socket } from 'node:net';
import {
  silentLogger,
  systemClock,
  systemRandom,
  type Logger,
  type RecycledMemory,
} from '@millrace/foundation';
import { TcpTransport, type Connection, type Transport } from '@millrace/kafka-client';
import {
  apis,
  ErrorCode,
  RecordBatchBuilder,
  type Api,
  type BuildOptions,
  type ProduceResponsePartition,
} from '@millrace/kafka-protocol';
import type { Disk } from '@millrace/log';
import { openBroker, type Broker } from '../src/index.ts';

export type TransportKind = 'tcp' | 'in-process';
export const TRANSPORTS: readonly TransportKind[] = ['tcp', 'in-process'];

export interface ContextOptions {
  readonly config?: Readonly<Record<string, string>>;
  readonly disk?: Disk;
  readonly memory?: RecycledMemory;
  readonly folder?: string;
  readonly log?: Logger;
}

/** A broker on a free port with a folder of its own, and what tests do to it. */
export class BrokerContext implements AsyncDisposable {
  readonly folder: string;
  readonly #options: ContextOptions;
  #broker: Broker;
  readonly #connections: Connection[] = [];
  readonly #sockets: Socket[] = [];
  readonly #children: BrokerContext[] = [];

  private constructor(options: ContextOptions, folder: string, broker: Broker) {
    this.#options = options;
    this.folder = folder;
    this.#broker = broker;
  }

  static async open(options: ContextOptions = {}): Promise<BrokerContext> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'millrace-broker-')));
    try {
      return new BrokerContext(options, folder, await start(options, folder));
    } catch (error) {
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get broker(): Broker {
    return this.#broker;
  }

  get port(): number {
    return this.#broker.addresses[0]?.port ?? 0;
  }

  get bootstrap(): string {
    return `127.0.0.1:${this.port}`;
  }

  transport(kind: TransportKind): Transport {
    if (kind === 'in-process') return this.#broker.transport('test');
    return new TcpTransport({
      clientId: 'test',
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
    });
  }

  async connect(kind: TransportKind): Promise<Connection> {
    const address = { host: '127.0.0.1', port: this.port };
    const connection = await this.transport(kind).connect(address, new AbortController().signal);
    this.#connections.push(connection);
    return connection;
  }

  /** A client of this kind that speaks the newest version of everything. */
  async client(kind: TransportKind): Promise<RawClient> {
    return new RawClient(await this.connect(kind));
  }

  async socket(): Promise<Socket> {
    const socket = connectSocket(this.port, '127.0.0.1');
    socket.on('error', () => undefined);
    this.#sockets.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  }

  async restart(): Promise<void> {
    await this.#hangUp();
    await this.#broker.close();
    this.#broker = await start(this.#options, this.folder);
  }

  /** What a process finds that starts after this one was killed right now. */
  async openAfterKill(): Promise<BrokerContext> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-killed-'));
    await cp(this.folder, folder, { recursive: true });
    await rm(join(folder, '.lock'), { force: true });
    const killed = await BrokerContext.open({ ...this.#options, folder });
    this.#children.push(killed);
    return killed;
  }

  async #hangUp(): Promise<void> {
    for (const connection of this.#connections.splice(0)) await connection.close();
    for (const socket of this.#sockets.splice(0)) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) await child[Symbol.asyncDispose]();
    await this.#hangUp();
    await this.#broker.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function start(options: ContextOptions, folder: string): Promise<Broker> {
  return openBroker({
    config: {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'log.dirs': folder,
      'group.initial.rebalance.delay.ms': '0',
      'group.min.session.timeout.ms': '100',
      ...options.config,
    },
    ...(options.disk === undefined ? {} : { disk: options.disk }),
    ...(options.memory === undefined ? {} : { memory: options.memory }),
    ...(options.log === undefined ? {} : { log: options.log }),
  });
}

export class RawClient {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** In the newest version that the broker serves, or in the one given. */
  ask<Req, Res, ReqInput, ResInput>(
    api: Api<Req, Res, ReqInput, ResInput>,
    request: NoInfer<ReqInput>,
    version: number = this.connection.versions.get(api.key)?.max ?? api.maxVersion,
  ): Promise<Res> {
    // The connection takes complete requests; the codec fills in what is left out.
    const plain = api as unknown as Api<Req, Res>;
    return this.connection.send(plain, version, api.completeRequest(request));
  }

  async createTopic(
    name: string,
    numPartitions = 1,
    configs: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { topics } = await this.ask(apis.createTopics, {
      topics: [
        {
          name,
          numPartitions,
          configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        },
      ],
    });
    const [topic] = topics;
    if (topic?.errorCode !== ErrorCode.NONE)
      throw new Error(`topic ${name}: ${String(topic?.errorMessage)}`);
    return topic.topicId;
  }

  async produce(
    name: string,
    records: Uint8Array | null,
    options: { acks?: number; partition?: number; version?: number } = {},
  ): Promise<ProduceResponsePartition> {
    // The newest version that names topics.
    const { acks = -1, partition = 0, version = 12 } = options;
    const { responses } = await this.ask(
      apis.produce,
      { acks, topicData: [{ name, partitionData: [{ index: partition, records }] }] },
      version,
    );
    const answer = responses[0]?.partitionResponses[0];
    if (answer === undefined) throw new Error('a produce without an answer');
    return answer;
  }

  async fetch(
    name: string,
    fetchOffset: number,
    options: {
      partition?: number;
      maxWaitMs?: number;
      minBytes?: number;
      maxBytes?: number;
      partitionMaxBytes?: number;
      isolationLevel?: number;
      currentLeaderEpoch?: number;
    } = {},
  ): Promise<{ errorCode: number; highWatermark: number; records: Uint8Array | null }> {
    const { partition = 0, maxWaitMs = 0, minBytes = 1, maxBytes = 1 << 26 } = options;
    const { partitionMaxBytes = 1 << 20, isolationLevel = 0, currentLeaderEpoch = -1 } = options;
    const { responses } = await this.ask(
      apis.fetch,
      {
        maxWaitMs,
        minBytes,
        maxBytes,
        isolationLevel,
        topics: [
          {
            topic: name,
            topicId: '',
            partitions: [{ partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch }],
          },
        ],
      },
      12,
    );
    const answer = responses[0]?.partitions[0];
    if (answer === undefined) throw new Error('a fetch without an answer');
    return answer;
  }
}

export function batchOf(
  values: readonly (string | null)[],
  options: BuildOptions & { key?: string | null; timestampMs?: number } = {},
): Uint8Array {
  const builder = new RecordBatchBuilder();
  const { key = 'k', timestampMs = Date.now() } = options;
  for (const value of values) {
    builder.append(
      key === null ? null : Buffer.from(key),
      value === null ? null : Buffer.from(value),
      timestampMs,
    );
  }
  return builder.buildSync(options);
}
