import { brokerFields } from '@millrace/broker';
import { foreignProviderClasses, resolveConfig, resolvePlaceholders } from '@millrace/config';
import { workerFields, type InstalledPlugin } from '@millrace/runtime';
import { compose, type MillraceWorker, type PartOptions } from './compose.ts';
import { resolveWorkerConfig, type ServerSettings } from './config.ts';
import { configProviders } from './config-providers.ts';
import { appFields } from './fields.ts';
import { createLogger } from './logger.ts';
import { loadInstalled } from './plugins/installed-plugins.ts';
import { realParts } from './parts.ts';

/** @throws ConfigError naming every problem at once */
export function resolveSettings(config: Readonly<Record<string, string>>): ServerSettings {
  return resolveWorkerConfig(config, { broker: brokerFields, runtime: workerFields });
}

/**
 * As `resolveSettings`, after the worker's own placeholders were replaced by what its config providers give (KIP-297).
 * @throws ConfigError, or MillraceError of a provider
 */
export async function loadSettings(
  config: Readonly<Record<string, string>>,
): Promise<ServerSettings> {
  const log = createLogger({ level: 'warn' });
  const providers = await configProviders(config, await providerPackages(config), log);
  const resolved = await resolvePlaceholders(config, providers);
  for (const provider of providers.values()) await provider.close?.();
  return resolveSettings(resolved.config);
}

/** Before the settings are known, so only where a provider asks for it; what is wrong with packages is told later. */
async function providerPackages(
  config: Readonly<Record<string, string>>,
): Promise<readonly InstalledPlugin[]> {
  if (foreignProviderClasses(config).length === 0) return [];
  const { 'plugin.path': paths, 'plugin.load.timeout.ms': limit } = appFields;
  const fields = { 'plugin.path': paths, 'plugin.load.timeout.ms': limit };
  const own = Object.fromEntries(Object.entries(config).filter(([key]) => key in fields));
  const values = resolveConfig(fields, own, 'worker configuration');
  const { plugins } = await loadInstalled(values['plugin.path'], values['plugin.load.timeout.ms']);
  return plugins;
}

/** Runs a worker in this process until it is disposed. */
export function startWorker(options: PartOptions): Promise<MillraceWorker> {
  return compose(realParts, options);
}
