import { MillraceError, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import type {
  BrokerAddress,
  KafkaClient,
  KafkaClientOptions,
  TcpTransportOptions,
  Transport,
} from '@millrace/kafka-client';
import type { Call } from '../commands/command.ts';
import { bootstrapFromEnvironment, readWorkerFile } from '../config.ts';
import { logUnreachable } from '../errors.ts';

const DEFAULT_BOOTSTRAP = '127.0.0.1:9092';
/** A person waits. */
const API_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 5_000;

const UNREACHABLE: ReadonlySet<string> = new Set([
  'client.connect_failed',
  'client.connect_timed_out',
  'client.connection_lost',
  'client.request_timed_out',
]);

interface Log {
  readonly bootstrap: readonly BrokerAddress[];
  readonly security: Pick<TcpTransportOptions, 'tls' | 'sasl'>;
}

/** Runs a command with a client of the log, and closes the client. */
export async function withLog<T>(call: Call, use: (client: KafkaClient) => Promise<T>): Promise<T> {
  // Loaded here, so that the other commands start without it.
  const { KafkaClient, TcpTransport } = await import('@millrace/kafka-client');
  const { bootstrap, security } = await findLog(call);
  const ports = { clock: systemClock, random: systemRandom, log: silentLogger };
  const transport = new TcpTransport({
    clientId: 'millrace-cli',
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    ...ports,
    ...security,
  });
  const options: KafkaClientOptions = {
    bootstrap,
    transport,
    ...ports,
    defaultApiTimeoutMs: API_TIMEOUT_MS,
  };
  await probe(transport, bootstrap);
  const client = new KafkaClient(options);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** `--bootstrap`, `--config`, the environment, what the worker says, the default: the first that there is. */
async function findLog({ options, rest }: Call): Promise<Log> {
  const { parseBootstrap } = await import('@millrace/kafka-client');
  const fromFile = options.config === undefined ? undefined : await logOfWorkerFile(options.config);
  const given = options.bootstrap;
  if (given !== undefined)
    return { bootstrap: parseBootstrap(given), security: fromFile?.security ?? {} };
  if (fromFile !== undefined) return fromFile;
  const servers =
    bootstrapFromEnvironment() ?? (await rest.about())?.bootstrap_servers ?? DEFAULT_BOOTSTRAP;
  return { bootstrap: parseBootstrap(servers), security: {} };
}

/** With the worker's own TLS and SASL keys. */
async function logOfWorkerFile(fileName: string): Promise<Log> {
  const { parseBootstrap } = await import('@millrace/kafka-client');
  const { loadSettings } = await import('@millrace/worker');
  const settings = await loadSettings(readWorkerFile(fileName));
  return {
    bootstrap: settings.bootstrap ?? parseBootstrap(DEFAULT_BOOTSTRAP),
    security: settings.security,
  };
}

function textOf(bootstrap: readonly BrokerAddress[]): string {
  return bootstrap.map(({ host, port }) => `${host}:${port}`).join(',');
}

/** Says at once that nobody answers; the client itself would go on trying, as it should in a process that lasts. */
async function probe(transport: Transport, bootstrap: readonly BrokerAddress[]): Promise<void> {
  const { signal } = new AbortController();
  const causes: unknown[] = [];
  for (const address of bootstrap)
    try {
      await (await transport.connect(address, signal)).close();
      return;
    } catch (error) {
      causes.push(error);
    }
  const [first] = causes;
  // A log that refuses who asks is there.
  throw first instanceof MillraceError && !UNREACHABLE.has(first.code)
    ? first
    : logUnreachable(textOf(bootstrap), first);
}
