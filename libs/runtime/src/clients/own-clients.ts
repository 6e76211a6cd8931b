import type { ConfigProblem } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import type { ClientKind } from '../config/client-keys.ts';
import { connectionOf } from '../config/connection-keys.ts';
import type { WorkerSettings } from '../config/worker-fields.ts';
import type { LogClient } from './log-client.ts';

/** Connections beside the worker's own, by Kafka's keys for clients. */
export interface Connections {
  /** What keeps such a connection from being made, as far as it can be told without trying. */
  problems(config: ComponentConfig): readonly ConfigProblem[];
  /** @throws ConfigError */
  open(config: ComponentConfig): OwnClient;
}

export type OwnClient = LogClient & AsyncDisposable;

export interface OwnClientPorts {
  readonly worker: WorkerSettings;
  /** The worker's. */
  readonly client: LogClient;
  /** Absent: everybody uses the worker's connection. */
  readonly connections?: Connections | undefined;
}

/**
 * The clients of a connector that is to be connected otherwise than the worker, as another user or to another cluster
 * (KIP-458): `producer.*` for producers, `consumer.*` for consumers and readers, `admin.*` for what administrators do.
 * Undefined when all of them are the worker's.
 * @throws ConfigError
 */
export function openOwnClients(
  config: ComponentConfig,
  { worker, client, connections }: OwnClientPorts,
): OwnClient | undefined {
  if (connections === undefined) return undefined;
  const opened = new Map<string, OwnClient>();
  const clientOf = (kind: ClientKind): LogClient => {
    const own = connectionOf(kind, worker, config);
    if (own === undefined) return client;
    const identity = JSON.stringify(Object.entries(own).sort());
    const known = opened.get(identity) ?? connections.open(own);
    opened.set(identity, known);
    return known;
  };
  const [producer, consumer, admin] = [
    clientOf('producer'),
    clientOf('consumer'),
    clientOf('admin'),
  ];
  if (opened.size === 0) return undefined;
  return {
    admin: admin.admin,
    operations: admin.operations,
    clusterId: () => admin.clusterId(),
    producer: (options) => producer.producer(options),
    transactionalProducer: (options) => producer.transactionalProducer(options),
    consumer: (options) => consumer.consumer(options),
    reader: (options) => consumer.reader(options),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...opened.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

/** One operation with the connector's own clients, where it has some. */
export async function withClients<T>(
  config: ComponentConfig,
  ports: OwnClientPorts,
  operation: (client: LogClient) => Promise<T>,
): Promise<T> {
  const own = openOwnClients(config, ports);
  try {
    return await operation(own ?? ports.client);
  } finally {
    await own?.[Symbol.asyncDispose]();
  }
}
