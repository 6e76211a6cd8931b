import { openConfigProviders, type ConfigProvider } from '@millrace/config';
import { systemClock, type Logger } from '@millrace/foundation';
import { PluginRegistry, type InstalledPlugin } from '@millrace/runtime';

/** A provider that takes longer is told as failed. */
const CALL_LIMIT_MS = 30_000;

/**
 * What `config.providers` names, of Millrace's own and of the packages that were installed.
 * @throws MillraceError `config.bad_provider`
 */
export function configProviders(
  config: Readonly<Record<string, string>>,
  installed: readonly InstalledPlugin[],
  log: Logger,
): Promise<ReadonlyMap<string, ConfigProvider>> {
  const registry = new PluginRegistry([], installed);
  return openConfigProviders(config, {
    environment: process.env,
    log,
    plugged: {
      find: (className) => registry.find('config-provider', className),
      names: registry.classNames('config-provider'),
      clock: systemClock,
      limitMs: CALL_LIMIT_MS,
    },
  });
}
