import { checkConfig, placeholdersIn } from '@millrace/config';
import { shippedConverters } from '@millrace/converters';
import { MillraceError, systemClock } from '@millrace/foundation';
import { isSecret } from '../errors/redactor.ts';
import type { ConnectorConfig } from '../herder.ts';
import type { InstalledPlugin, PluginProblem } from '../plugins/installed-plugin.ts';
import {
  PluginRegistry,
  type AnyPlugin,
  type ConnectorPlugin,
} from '../plugins/plugin-registry.ts';
import { fieldsOf, validateConnector } from './validation.ts';
import { resolveWorkerSettings } from './worker-fields.ts';

export interface OfflineProblem {
  readonly key: string;
  readonly message: string;
  /** A warning: it works, but not as somebody may have meant. */
  readonly severity: 'error' | 'warning';
}

interface InstalledPlugins {
  readonly plugins: readonly InstalledPlugin[];
  readonly problems: readonly PluginProblem[];
}

/** What a worker may have switched on; a file is not wrong because the defaults are otherwise. */
const ALLOWING_WORKER = { 'exactly.once.source.support': 'enabled' };

/** Checks of connectors' configurations without a worker: nothing is connected, placeholders are not looked up. */
export class OfflineValidator {
  readonly #registry: PluginRegistry;

  /**
   * @param plugins beside the shipped converters
   * @param installed plugins of packages, and what is wrong with packages that can't be used
   */
  constructor(plugins: readonly AnyPlugin[], installed?: InstalledPlugins) {
    const shipped = [...shippedConverters, ...plugins];
    this.#registry = new PluginRegistry(shipped, installed?.plugins, installed?.problems);
  }

  /** Every problem of a configuration, unknown keys with the nearest one among them. Never throws for what a user can mend. */
  async check(config: ConnectorConfig): Promise<readonly OfflineProblem[]> {
    const className = config['connector.class'] ?? '';
    if (className.trim() === '')
      return [error('connector.class', 'Missing required configuration "connector.class"')];
    if (placeholdersIn(className).length > 0) return []; // only the worker knows which it is
    const plugin = this.#find(className, config['connector.plugin.version']);
    if ('message' in plugin) return [plugin];
    const worker = resolveWorkerSettings(ALLOWING_WORKER, true);
    const context = { registry: this.#registry, worker, clock: systemClock, isOffline: true };
    const { infos, unknownKeys } = await validateConnector(plugin, config, context);
    const errors = infos.configs
      .flatMap(({ value }) => value.errors.map((message) => error(value.name, message)))
      .filter(({ key }) => !dependsOnPlaceholder(key, config));
    const own = errors.length === 0 ? rulesOf(plugin, config) : [];
    const unknown = unknownKeys.map(({ key, nearest }) => unknownKey(key, nearest));
    return [...errors, ...own, ...unknown];
  }

  /** Whether the value of a key must not be shown. */
  isSecret(config: ConnectorConfig, key: string): boolean {
    const plugin = this.#registry.findConnector(config['connector.class'] ?? '');
    if (plugin === undefined) return isSecret(key, {});
    const worker = resolveWorkerSettings(ALLOWING_WORKER, true);
    return isSecret(key, fieldsOf(plugin, config, { registry: this.#registry, worker }));
  }

  #find(className: string, version: string | undefined): ConnectorPlugin | OfflineProblem {
    try {
      // A version that is not there is a problem of its own key, found later.
      return (
        this.#registry.findConnector(className, version) ?? this.#registry.connector(className)
      );
    } catch (cause) {
      if (!(cause instanceof MillraceError)) throw cause;
      const hint = cause.hint === undefined ? '' : `; ${cause.hint}`;
      return error('connector.class', `${cause.message}${hint}`);
    }
  }
}

function error(key: string, message: string): OfflineProblem {
  return { key, message, severity: 'error' };
}

/** One that resembles a known key was meant to be it; another may be of a newer version, or of a tool. */
function unknownKey(key: string, nearest: string | undefined): OfflineProblem {
  return nearest === undefined
    ? { key, severity: 'warning', message: `the key "${key}" is not known and has no effect` }
    : error(key, `the key "${key}" is not known; did you mean "${nearest}"?`);
}

/** The value is looked up by the worker, and may well be right; so may what is made from it. */
function dependsOnPlaceholder(key: string, config: ConnectorConfig): boolean {
  const prefix = key.endsWith('.type') ? key.slice(0, -'type'.length) : `${key}.`;
  return Object.entries(config).some(
    ([name, value]) =>
      (name === key || name.startsWith(prefix)) && placeholdersIn(value).length > 0,
  );
}

/** Not when a value of the connector's own is still to be looked up: the rules would judge the placeholder. */
function rulesOf(plugin: ConnectorPlugin, config: ConnectorConfig): readonly OfflineProblem[] {
  const open = Object.keys(plugin.fields).some(
    (key) => placeholdersIn(config[key] ?? '').length > 0,
  );
  if (open || checkConfig(plugin.fields, config).problems.length > 0) return [];
  try {
    return (plugin.rules?.(config) ?? []).map(({ key, message }) => error(key, message));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return [
      error('connector.class', `the connector could not check its configuration: ${message}`),
    ];
  }
}
