import { CleanupStack, type Logger, type MetricFamily } from '@millrace/foundation';
import type { Herder } from '@millrace/runtime';
import type { ServerSettings } from './config.ts';
import { LogLevels } from './log-levels.ts';
import { ownVersion } from './own-version.ts';
import { onlyAdmin, withoutAdmin } from './rest/admin-paths.ts';
import { isLoopback, urlOf, type Listener } from './rest/listener.ts';
import { ProcessMetrics } from './rest/process-metrics.ts';
import type { createRestApplication } from './rest/rest-application.ts';
import type { Endpoint } from './rest/rest-settings.ts';
import { RestServer, type ServerLimits } from './rest/rest-server.ts';

/** Connect's own limit; its text is in `JsonAnswers`. */
const REQUEST_TIMEOUT_MS = 90_000;

/** The log that is used, embedded or not. */
export interface OpenedLog extends AsyncDisposable {
  /** Where other Kafka clients reach it. */
  readonly addresses: readonly string[];
  metrics(): readonly MetricFamily[];
}

export interface OpenedHerder extends AsyncDisposable {
  readonly herder: Herder;
  /** Beside those of the herder. */
  readonly metrics?: () => readonly MetricFamily[];
}

/** The embedded schema registry, while it is served. */
export interface OpenedRegistry extends AsyncDisposable {
  readonly urls: readonly string[];
}

export interface PartOptions {
  readonly settings: ServerSettings;
  readonly log: Logger;
  /** Those of the logger; by default levels that nobody listens to. */
  readonly levels?: LogLevels;
  readonly signal: AbortSignal;
  /** Told when the worker can't go on: its log has no disk left that works. */
  readonly onFailed?: (error: unknown) => void;
}

/** What the worker is made of beside REST; tests put in other parts. */
export interface Parts<L extends OpenedLog> {
  openLog(options: PartOptions): Promise<L>;
  /** Undefined when there is to be none. */
  openRegistry?(
    log: L,
    options: PartOptions & { readonly version: string },
  ): Promise<OpenedRegistry | undefined>;
  openHerder(log: L, options: PartOptions & { readonly workerId: string }): Promise<OpenedHerder>;
}

export interface MillraceWorker extends AsyncDisposable {
  readonly herder: Herder;
  readonly restUrls: readonly string[];
  /** Of the embedded schema registry; none when it is not served. */
  readonly registryUrls: readonly string[];
  readonly isEmbedded: boolean;
  readonly logAddresses: readonly string[];
}

/**
 * Builds the process: sockets of REST, log, herder, REST. Closing goes the other way round, except that REST takes no
 * more requests first: tasks drain and commit while the log is still there.
 * @throws whatever a part throws, after what was opened has been closed; `signal.reason` when asked to stop meanwhile
 */
export async function compose<L extends OpenedLog>(
  parts: Parts<L>,
  options: PartOptions,
): Promise<MillraceWorker> {
  const { settings, log, signal } = options;
  await using opened = new CleanupStack();
  for (const { key, message } of settings.warnings) log.warn({ key }, message);

  const { admin } = settings.rest;
  const limits = serverLimits(settings);
  const server = opened.use(await openServer(settings.rest, limits));
  const adminServer = opened.use(
    await openServer(admin ?? { listeners: [], tls: undefined }, limits),
  );
  // NestJS takes a while to load; meanwhile the log recovers.
  const loading = loadRest();
  loading.catch(() => undefined); // reported where it is awaited
  signal.throwIfAborted();
  const kafka = opened.use(await parts.openLog(options));
  signal.throwIfAborted();
  // Before the connectors start: their converters ask for schemas at once.
  const registry = await parts.openRegistry?.(kafka, { ...options, version: ownVersion() });
  if (registry !== undefined) opened.use(registry);
  signal.throwIfAborted();
  const workerId = workerIdOf(settings, server.listeners);
  const opening = parts.openHerder(kafka, { ...options, workerId });
  const openedHerder = opened.use(await opening);
  const { herder } = openedHerder;
  signal.throwIfAborted();

  const metrics = new ProcessMetrics();
  opened.defer(() => metrics[Symbol.dispose]());
  const createApplication = await loading;
  const application = opened.use(
    await createApplication({
      herder,
      log: log.child({ part: 'rest' }),
      metrics: () => [
        ...herder.metrics(),
        ...kafka.metrics(),
        ...(openedHerder.metrics?.() ?? []),
        ...metrics.read(),
      ],
      levels: options.levels ?? new LogLevels('INFO'),
      version: ownVersion(),
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      origins: {
        hosts: ownHosts(settings),
        allowedOrigins: settings.app['access.control.allow.origin'],
      },
      allowedMethods: settings.app['access.control.allow.methods'],
      headerRules: settings.headerRules,
      authenticator: settings.rest.authenticator,
      requestBytesMax: settings.app['rest.request.bytes.max'],
      about: {
        bootstrap_servers: kafka.addresses.join(','),
        config_providers: listOf(settings.workerConfig['config.providers']),
      },
    }),
  );
  const { handler } = application;
  server.serve(admin === undefined ? handler : withoutAdmin(handler));
  adminServer.serve(onlyAdmin(handler));
  opened.use(adminServer);
  opened.use(server); // once more: closed first as well as last, see above
  const closing = opened.move();
  return {
    herder,
    restUrls: server.urls,
    registryUrls: registry?.urls ?? [],
    isEmbedded: settings.bootstrap === undefined,
    logAddresses: kafka.addresses,
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

/** By itself, since TypeScript does not rewrite the path of an import inside a function with `await using`. */
async function loadRest(): Promise<typeof createRestApplication> {
  return (await import('./rest/rest-application.ts')).createRestApplication;
}

function openServer({ listeners, tls }: Endpoint, limits: ServerLimits): Promise<RestServer> {
  return RestServer.open(listeners, { tls: tls?.options, limits });
}

function serverLimits({ app }: ServerSettings): ServerLimits {
  return {
    connectionsMax: app['rest.connections.max'],
    requestsMax: app['rest.requests.max'],
    headersTimeoutMs: app['rest.headers.timeout.ms'],
    requestTimeoutMs: app['rest.body.timeout.ms'],
  };
}

/** `host:port` by which this worker is known in statuses; of the protocol that is advertised, if both are served. */
function workerIdOf({ app }: ServerSettings, listeners: readonly Listener[]): string {
  const protocol = app['rest.advertised.listener']?.toLowerCase();
  const isMeant = ({ isTls }: Listener): boolean => (isTls === true) === (protocol === 'https');
  const listener = (protocol === undefined ? undefined : listeners.find(isMeant)) ?? listeners[0];
  const host = app['rest.advertised.host.name'] ?? listener?.host ?? '';
  const port = app['rest.advertised.port'] ?? listener?.port ?? 0;
  return urlOf({ host: host === '' ? '127.0.0.1' : host, port }).slice('http://'.length);
}

/** The host names by which REST may be called, when nothing but loopback is listened on. */
function ownHosts({ app, listeners, rest }: ServerSettings): readonly string[] | undefined {
  // Who must say who he is is not fooled by a page of another name.
  if (rest.authenticator !== undefined) return undefined;
  if (!listeners.every(({ host }) => isLoopback(host))) return undefined;
  const advertised = app['rest.advertised.host.name'];
  return advertised === null ? [] : [advertised.toLowerCase()];
}

function listOf(text: string | undefined): readonly string[] {
  const items = (text ?? '').split(',').map((item) => item.trim());
  return items.filter((item) => item !== '');
}
