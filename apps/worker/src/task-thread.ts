import { parentPort, workerData } from 'node:worker_threads';
import { must, systemClock, systemRandom, type Logger } from '@millrace/foundation';
import { KafkaClient, PortTransport, TcpTransport } from '@millrace/kafka-client';
import { openPluginRegistry, serveTask, type ThreadParts } from '@millrace/runtime';
import { CLIENT_ID, EMBEDDED_METADATA, type ThreadData } from './log-access.ts';
import { ownVersion } from './own-version.ts';
import { loadPlugins } from './plugins/load-plugins.ts';
import { shippedPlugins } from './plugins/shipped-plugins.ts';
import { resolveSettings } from './start-worker.ts';

/** The entry of a thread for one task: its own client of the log, its own plugins. */
serveTask(
  must(parentPort, 'this module is the entry of a thread'),
  (log) => openParts(workerData as ThreadData, log), // what `parts.ts` gives
);

async function openParts(
  { config, brokers, plugins: paths, log: port }: ThreadData,
  log: Logger,
): Promise<ThreadParts> {
  const { app, security } = resolveSettings(config);
  const ports = { clock: systemClock, random: systemRandom, log };
  const { plugins, problems } = await loadPlugins({
    paths,
    workingFolder: undefined,
    isTried: true,
    apiVersion: ownVersion(),
    limitMs: app['plugin.load.timeout.ms'],
  });
  const client =
    port === undefined
      ? new KafkaClient({
          bootstrap: brokers,
          transport: new TcpTransport({ clientId: CLIENT_ID, ...ports, ...security }),
          ...ports,
        })
      : new KafkaClient({
          bootstrap: brokers,
          transport: new PortTransport(port),
          ...EMBEDDED_METADATA,
          ...ports,
        });
  return {
    client,
    registry: openPluginRegistry(shippedPlugins, { plugins, problems }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
