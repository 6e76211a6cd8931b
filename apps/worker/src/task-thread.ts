import { parentPort, workerData } from 'node:worker_threads';
import { must, systemClock, systemRandom, type Logger } from '@millrace/foundation';
import { KafkaClient, PortTransport, TcpTransport } from '@millrace/kafka-client';
import { openPluginRegistry, serveTask, type ThreadParts } from '@millrace/runtime';
import { connectionsBeside } from './connections.ts';
import { CLIENT_ID, EMBEDDED_METADATA, type ThreadData } from './log-access.ts';
import { ownVersion } from './own-version.ts';
import { loadPlugins } from './plugins/load-plugins.ts';
import { shippedPlugins } from './plugins/shipped-plugins.ts';
import { resolveSettings } from './start-worker.ts';

/** Of sending the spans that a thread has at its end. */
const LAST_SPANS_LIMIT_MS = 500;

/** The entry of a thread for one task: its own client of the log, its own plugins. */
serveTask(
  must(parentPort, 'this module is the entry of a thread'),
  (log) => openParts(workerData as ThreadData, log), // what `parts.ts` gives
);

async function openParts(
  { config, brokers, plugins: paths, log: port, tracing: target }: ThreadData,
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
  // The libraries are loaded only for who traces.
  const tracing =
    target === undefined ? undefined : (await import('./tracing.ts')).openTracing(target);
  return {
    client,
    connections: connectionsBeside({ brokers, ...ports }),
    registry: openPluginRegistry(shippedPlugins, { plugins, problems }),
    ...(tracing === undefined ? {} : { tracer: tracing.tracer }),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      if (tracing === undefined) return;
      // The task's grace period must not pass while a collector that is down is asked.
      const timer = new AbortController();
      const late = systemClock.sleep(LAST_SPANS_LIMIT_MS, timer.signal).catch(() => undefined);
      await Promise.race([tracing[Symbol.asyncDispose](), late]);
      timer.abort();
    },
  };
}
