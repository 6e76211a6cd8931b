import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { openBroker } from '@millrace/broker';
import { silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import {
  KafkaClient,
  parseBootstrap,
  PortTransport,
  serveTransport,
  TcpTransport,
  type Transport,
} from '@millrace/kafka-client';

/** `port`: as from another thread. Anything else is the `host:port` of somebody else's cluster. */
export type ServedKind = 'in-process' | 'tcp' | 'port' | `${string}:${number}`;

/** What the tests are to run on, instead of what they would by themselves. */
export const CHOSEN_LOG = chosenKind(process.env['MILLRACE_RUNTIME_LOG']);

const ports = { clock: systemClock, random: systemRandom, log: silentLogger };

/** A log behind a transport. */
export interface ServedLog {
  connect(options?: { readonly metadataMaxAgeMs?: number }): KafkaClient;
  close(): Promise<void>;
}

export async function serveLog(kind: ServedKind): Promise<ServedLog> {
  switch (kind) {
    case 'in-process':
    case 'tcp':
    case 'port':
      return ownBroker(kind);
    default:
      return foreignCluster(kind);
  }
}

async function ownBroker(kind: 'in-process' | 'tcp' | 'port'): Promise<ServedLog> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-runtime-'));
  const broker = await openBroker({
    config: { 'log.dirs': folder, listeners: 'PLAINTEXT://127.0.0.1:0' },
  });
  const channels: MessageChannel[] = [];
  const transport = (): Transport => {
    if (kind === 'tcp') return new TcpTransport({ clientId: 'test', ...ports });
    if (kind === 'in-process') return broker.transport('test');
    const channel = new MessageChannel();
    channels.push(channel);
    serveTransport(channel.port1, broker.transport('test'));
    return new PortTransport(channel.port2);
  };
  return {
    connect: (options = {}) =>
      new KafkaClient({
        ...options,
        bootstrap: broker.addresses,
        transport: transport(),
        ...ports,
      }),
    close: async () => {
      for (const { port1 } of channels) port1.close();
      await broker.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One cluster for all tests: each begins with an empty one. */
async function foreignCluster(address: string): Promise<ServedLog> {
  const connect = (options = {}): KafkaClient =>
    new KafkaClient({
      ...options,
      bootstrap: parseBootstrap(address),
      transport: new TcpTransport({ clientId: 'test', ...ports }),
      ...ports,
    });
  await using client = connect();
  const groups = await client.admin.listGroups();
  await client.admin.deleteGroups(groups.map(({ groupId }) => groupId));
  const topics = await client.admin.listTopics();
  const own = topics.filter(({ isInternal }) => !isInternal).map(({ name }) => name);
  if (own.length > 0) await client.admin.deleteTopics(own);
  return { connect, close: () => Promise.resolve() };
}

function chosenKind(text: string | undefined): ServedKind | undefined {
  if (text === undefined || text === 'in-process' || text === 'tcp' || text === 'port') return text;
  const { host, port } = parseBootstrap(text)[0] ?? { host: '', port: 0 };
  return `${host}:${port}`;
}
