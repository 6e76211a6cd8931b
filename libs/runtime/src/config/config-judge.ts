import { HIDDEN, isOnlyPlaceholders, javaTrim, type ResolvedPlaceholders } from '@millrace/config';
import type { Clock, Logger } from '@millrace/foundation';
import type { Connections } from '../clients/own-clients.ts';
import { badRequest } from '../errors.ts';
import { isSecret, redactorOf } from '../errors/redactor.ts';
import type { ConfigInfos, ConnectorConfig, RawConnectorConfig } from '../herder.ts';
import {
  simpleName,
  type ConnectorPlugin,
  type PluginRegistry,
} from '../plugins/plugin-registry.ts';
import { validateConnector, type Validation } from './validation.ts';
import type { WorkerSettings } from './worker-fields.ts';

export interface ConfigJudgeOptions {
  readonly worker: WorkerSettings;
  readonly registry: PluginRegistry;
  readonly connections: Connections | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly resolve: (config: ConnectorConfig) => Promise<ResolvedPlaceholders>;
}

/** Decides which configurations of connectors are taken, and says what is wrong with the others. */
export class ConfigJudge {
  readonly #options: ConfigJudgeOptions;

  constructor(options: ConfigJudgeOptions) {
    this.#options = options;
  }

  /** Connect's answer to a validation. */
  async infos(pluginName: string, raw: RawConnectorConfig): Promise<ConfigInfos> {
    const className = raw['connector.class'];
    if (className !== undefined && className !== null && !sameType(className, pluginName))
      throw badRequest(
        `Included connector type ${className} does not match request type ${pluginName}`,
      );
    const plugin = pluginToJudge(this.#options.registry, className ?? pluginName, raw);
    return (await this.#validate(plugin, raw)).infos;
  }

  /** The configuration to store, or a refusal that names every problem. */
  async acceptable(name: string, raw: RawConnectorConfig): Promise<ConnectorConfig> {
    const named = nameOf(name, raw);
    const className = raw['connector.class'];
    if (className === undefined || className === null || className.trim() === '')
      throw badRequest(
        `Connector config ${mapText(this.#hidden(named))} contains no connector type`,
        'set connector.class',
      );
    const plugin = pluginToJudge(this.#options.registry, className, raw);
    const { infos, unknownKeys } = await this.#validate(plugin, named);
    if (infos.error_count > 0) throw badRequest(invalidText(infos));
    for (const { key, nearest } of unknownKeys)
      this.#options.log.warn(
        { connector: name, key, ...(nearest === undefined ? {} : { nearest }) },
        'unknown configuration key; it has no effect',
      );
    const config: Record<string, string> = {};
    for (const [key, value] of Object.entries(named)) if (value !== null) config[key] = value;
    return config;
  }

  async #validate(plugin: ConnectorPlugin, raw: RawConnectorConfig): Promise<Validation> {
    const { registry, worker, clock, resolve, connections } = this.#options;
    const given = Object.fromEntries(
      Object.entries(raw).filter((entry): entry is [string, string] => entry[1] !== null),
    );
    const nulls = Object.fromEntries(Object.entries(raw).filter(([, value]) => value === null));
    const { config: resolved } = await resolve(given);
    const validation = await validateConnector(
      plugin,
      { ...resolved, ...nulls },
      { registry, worker, clock, connections },
    );
    return withoutSecrets(validation, given, resolved, worker);
  }

  #hidden(raw: RawConnectorConfig): RawConnectorConfig {
    return Object.fromEntries(
      Object.entries(raw).map(([key, value]) => [key, isSecret(key, {}) ? HIDDEN : value]),
    );
  }
}

/** The name goes into the configuration; one that is there must be the same. */
function nameOf(name: string, raw: RawConnectorConfig): RawConnectorConfig {
  const given = raw['name'];
  if (given === undefined || given === null) return { ...raw, name };
  if (given === name || javaTrim(given) === name) return raw;
  throw badRequest(
    `Connector name configuration (${given}) doesn't match connector name in the URL (${name})`,
  );
}

/** A map as Connect writes it in messages. */
function mapText(map: RawConnectorConfig): string {
  const entries = Object.entries(map).map(([key, value]) => `${key}=${value ?? 'null'}`);
  return `{${entries.join(', ')}}`;
}

function invalidText(infos: ConfigInfos): string {
  const errors = infos.configs.flatMap(({ value }) => value.errors);
  return [
    `Connector configuration is invalid and contains the following ${infos.error_count} error(s):`,
    ...errors,
    'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
  ].join('\n');
}

/** Compared by simple name, with or without its suffix, as Connect does. */
function sameType(className: string, pluginName: string): boolean {
  const short = (name: string): string => simpleName(name.trim()).replace(/Connector$/, '');
  return short(className) === short(pluginName);
}

/** What was validated shows the placeholders again, not what they stand for; what is said of it tells no secret. */
function withoutSecrets(
  validation: Validation,
  given: ConnectorConfig,
  resolved: ConnectorConfig,
  worker: WorkerSettings,
): Validation {
  const { infos, fields } = validation;
  const redact = redactorOf(
    { config: resolved, fields, template: given },
    { config: worker.raw, fields: {} },
  );
  const configs = infos.configs.map((info) => {
    const { name, value, errors } = info.value;
    const text = given[name];
    const isReplaced = text !== undefined && text !== resolved[name];
    // Beside its placeholders a secret may have parts that are secret.
    const isShown = isReplaced && !(isSecret(name, fields) && !isOnlyPlaceholders(text));
    return {
      ...info,
      value: { ...info.value, value: isShown ? text : value, errors: errors.map(redact) },
    };
  });
  return { ...validation, infos: { ...infos, configs } };
}

/** The version that is asked for; one that is not there is judged by the default one, and is a problem of its key. */
function pluginToJudge(
  registry: PluginRegistry,
  className: string,
  raw: RawConnectorConfig,
): ConnectorPlugin {
  const asked = raw['connector.plugin.version'] ?? undefined;
  return registry.findConnector(className, asked) ?? registry.connector(className);
}
