import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { openBroker } from '@millrace/broker';
import { brokerLoggers } from './broker-loggers.ts';
import { tracingTarget } from './tracing-endpoint.ts';
import { resolvePlaceholders } from '@millrace/config';
import { MillraceError, systemClock, systemRandom, type Logger } from '@millrace/foundation';
import {
  KafkaClient,
  serveTransport,
  TcpTransport,
  type BrokerAddress,
  type Transport,
} from '@millrace/kafka-client';
import { openWorker } from '@millrace/runtime';
import { configProviders } from './config-providers.ts';
import { connectionsBeside } from './connections.ts';
import { untilGroupIsFree } from './connect-group.ts';
import type { OpenedLog, PartOptions, Parts } from './compose.ts';
import { kafkaUnreachable } from './errors.ts';
import { CLIENT_ID, EMBEDDED_METADATA, type ThreadData } from './log-access.ts';
import { installedPlugins } from './plugins/installed-plugins.ts';
import { shippedPlugins } from './plugins/shipped-plugins.ts';
import { openRegistry } from './registry/open-registry.ts';

/** After so long without an answer the user is told that we still wait. */
const PATIENCE_MS = 3000;
/** A cluster that starts together with us has this long. */
const UNREACHABLE_AFTER_MS = 60_000;

/** Threads for tasks; beside this file once compiled, and tests that run the sources take the compiled one too. */
const TASK_THREAD = import.meta.url.endsWith('.ts')
  ? new URL('../dist/task-thread.js', import.meta.url)
  : new URL('./task-thread.js', import.meta.url);

interface ClientOfLog extends OpenedLog {
  /** The embedded log for another thread; undefined with Kafka, which every thread reaches by itself. */
  readonly lend: ((port: MessagePort) => void) | undefined;
  readonly client: KafkaClient;
  /** Into the embedded log; undefined with Kafka. */
  readonly inProcess: ((clientId: string) => Transport) | undefined;
  readonly isEmbedded: boolean;
  readonly brokers: readonly BrokerAddress[];
}

/** The worker's real parts: the embedded log or a Kafka cluster, and the runtime over either. */
export const realParts: Parts<ClientOfLog> = {
  openLog: (options) =>
    options.settings.bootstrap === undefined
      ? openEmbeddedLog(options)
      : openKafka(options, options.settings.bootstrap),

  openRegistry: ({ client }, { settings, version, log, signal }) =>
    openRegistry({
      client,
      app: settings.app,
      rest: settings.rest,
      version,
      log: log.child({ part: 'schema-registry' }),
      signal,
    }),

  async openHerder(
    { client, isEmbedded, inProcess, lend, brokers },
    { settings, workerId, log, signal },
  ) {
    const groupId = settings.workerConfig['group.id'];
    // Who names no group shares one with nobody: Kafka Connect does not start without.
    if (!isEmbedded && groupId !== undefined)
      await untilGroupIsFree({ admin: client.admin, groupId, log, signal });
    const installed = await installedPlugins(settings, log);
    const providers = await configProviders(
      settings.workerConfig,
      installed.plugins,
      log.child({ part: 'config-providers' }),
    );
    const target = tracingTarget(settings.app, workerId, process.env);
    // The libraries are loaded only for who traces.
    const tracing =
      target === undefined ? undefined : (await import('./tracing.ts')).openTracing(target);
    const herder = await openWorker({
      client,
      ...(tracing === undefined ? {} : { tracer: tracing.tracer }),
      config: settings.workerConfig,
      plugins: shippedPlugins,
      installed,
      workerId,
      isLogEmbedded: isEmbedded,
      connections: connectionsBeside({ brokers, inProcess, ...clientPorts(log) }),
      taskThreads: {
        entry: TASK_THREAD,
        open: () => {
          const plugins = [...new Set(installed.plugins.map(({ location }) => location))];
          const data: ThreadData = {
            config: settings.workerConfig,
            brokers,
            plugins,
            ...(target === undefined ? {} : { tracing: target }),
          };
          if (lend === undefined) return { data, transfer: [] };
          const { port1, port2 } = new MessageChannel();
          lend(port1);
          return { data: { ...data, log: port2 }, transfer: [port2] };
        },
      },
      resolvePlaceholders: (config) => resolvePlaceholders(config, providers),
      clock: systemClock,
      random: systemRandom,
      log: log.child({ worker: workerId }),
      signal,
    });
    return {
      herder,
      ...(tracing === undefined ? {} : { metrics: () => tracing.metrics() }),
      [Symbol.asyncDispose]: async () => {
        await herder[Symbol.asyncDispose]();
        for (const provider of providers.values()) await provider.close?.();
        await tracing?.[Symbol.asyncDispose]();
      },
    };
  },
};

async function openEmbeddedLog({
  settings,
  log,
  levels,
  onFailed,
}: PartOptions): Promise<ClientOfLog> {
  const broker = await openBroker({
    config: settings.brokerConfig,
    log: log.child({ part: 'broker' }),
    ...(levels === undefined ? {} : { loggers: brokerLoggers(levels) }),
    ...(onFailed === undefined ? {} : { onFailed }),
  });
  const client = new KafkaClient({
    bootstrap: broker.addresses,
    transport: broker.transport(CLIENT_ID),
    ...EMBEDDED_METADATA,
    ...clientPorts(log),
  });
  return {
    client,
    isEmbedded: true,
    inProcess: (clientId) => broker.transport(clientId),
    brokers: broker.addresses,
    lend: (port) => serveTransport(port, broker.transport(CLIENT_ID)),
    addresses: broker.addresses.map(formatAddress),
    metrics: () => broker.metrics(),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await broker.close();
    },
  };
}

async function openKafka(
  { settings, log, signal }: PartOptions,
  bootstrap: readonly BrokerAddress[],
): Promise<ClientOfLog> {
  const ports = clientPorts(log);
  const transport = new TcpTransport({ clientId: CLIENT_ID, ...ports, ...settings.security });
  const options = { bootstrap, transport, ...ports, defaultApiTimeoutMs: UNREACHABLE_AFTER_MS };
  const client = new KafkaClient(options);
  try {
    await reach(client, bootstrap.map(formatAddress).join(','), log, signal);
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
  return {
    client,
    isEmbedded: false,
    inProcess: undefined,
    brokers: bootstrap,
    lend: undefined,
    addresses: bootstrap.map(formatAddress),
    metrics: () => [],
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** Asks the cluster who it is. */
async function reach(
  client: KafkaClient,
  servers: string,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const timer = setTimeout(() => {
    log.warn(
      { servers },
      'Kafka does not answer yet; waiting. Leave bootstrap.servers out to use the embedded log',
    );
  }, PATIENCE_MS);
  try {
    await Promise.race([client.clusterId(), aborted(signal)]);
  } catch (error) {
    const isUnreachable = error instanceof MillraceError && error.retry === 'retriable';
    throw isUnreachable ? kafkaUnreachable(error.code, servers, error) : error;
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason instanceof Error ? signal.reason : new Error('stopped'));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function clientPorts(log: Logger) {
  return { clock: systemClock, random: systemRandom, log: log.child({ part: 'kafka-client' }) };
}

function formatAddress({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
