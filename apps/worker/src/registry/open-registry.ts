import { CleanupStack, systemClock, type Logger } from '@millrace/foundation';
import type { KafkaClient } from '@millrace/kafka-client';
import { findCompatibilityLevel, SchemaRegistry } from '@millrace/schema-registry';
import type { ServerSettings } from '../config.ts';
import { isLoopback, parseListeners } from '../rest/listener.ts';
import { RestServer } from '../rest/rest-server.ts';
import type { RestSettings } from '../rest/rest-settings.ts';
import type { createRegistryApplication } from './registry-application.ts';
import { SchemaTopic } from './schema-topic.ts';

export interface RegistryOptions {
  readonly client: KafkaClient;
  readonly app: ServerSettings['app'];
  /** Its certificate and its users are those of the REST API. */
  readonly rest: Pick<RestSettings, 'tls' | 'authenticator'>;
  readonly version: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

export interface OpenedRegistry extends AsyncDisposable {
  readonly registry: SchemaRegistry;
  readonly urls: readonly string[];
}

/**
 * Reads `_schemas` and serves the registry's API, when `schema.registry.listeners` names an address.
 * @returns undefined when it names none
 */
export async function openRegistry(options: RegistryOptions): Promise<OpenedRegistry | undefined> {
  const { app, client, log } = options;
  const listeners = parseListeners(app['schema.registry.listeners']);
  if (listeners.length === 0) return undefined;
  await using opened = new CleanupStack();
  const server = opened.use(await RestServer.open(listeners, { tls: options.rest.tls?.options }));
  const loading = loadApplication();
  loading.catch(() => undefined); // reported where it is awaited

  const topic = opened.use(
    new SchemaTopic({
      client,
      topic: app['schema.registry.kafkastore.topic'],
      replicationFactor: app['schema.registry.kafkastore.topic.replication.factor'],
      timeoutMs: app['schema.registry.kafkastore.timeout.ms'],
      clock: systemClock,
      log,
    }),
  );
  const schemaBytesMax = app['schema.registry.schema.max.bytes'];
  const registry = new SchemaRegistry({
    store: topic,
    clock: systemClock,
    compatibilityLevel:
      findCompatibilityLevel(app['schema.registry.schema.compatibility.level']) ?? 'BACKWARD',
    validateFields: app['schema.registry.schema.validate.fields'],
    validateNewSchemas: app['schema.registry.schema.validate.new.schemas'],
    isModeMutable: app['schema.registry.mode.mutability'],
    schemaBytesMax,
  });
  const initTimeoutMs = app['schema.registry.kafkastore.init.timeout.ms'];
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(initTimeoutMs)]);
  await topic.ensure();
  await topic.readUncommitted((entry) => {
    registry.reserve(entry);
  }, signal);
  await registry.open();

  const createApplication = await loading;
  const application = opened.use(
    await createApplication({
      registry,
      log,
      schemaBytesMax,
      schemaSearchMaxLimit: app['schema.registry.schema.search.max.limit'],
      kafkaClusterId: () => client.clusterId(),
      groupId: app['schema.registry.group.id'],
      version: options.version,
      authenticator: options.rest.authenticator,
      origins: {
        hosts: listeners.every(({ host }) => isLoopback(host)) ? [] : undefined,
        allowedOrigins: app['access.control.allow.origin'],
      },
    }),
  );
  server.serve(application.handler);
  opened.use(server); // once more: closed first as well as last, so that no request meets a closed registry
  const closing = opened.move();
  return {
    registry,
    urls: server.urls,
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

/** By itself, since TypeScript does not rewrite the path of an import inside a function with `await using`. */
async function loadApplication(): Promise<typeof createRegistryApplication> {
  return (await import('./registry-application.ts')).createRegistryApplication;
}
