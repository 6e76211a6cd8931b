import type { Logger } from '@millrace/foundation';
import type { ServerSettings } from '../config.ts';
import { ownVersion } from '../own-version.ts';
import { loadPlugins, type LoadedPlugins } from './load-plugins.ts';

/** The same, of which nothing is said. */
export function loadInstalled(paths: readonly string[], limitMs: number): Promise<LoadedPlugins> {
  return loadPlugins({
    paths,
    workingFolder: process.cwd(),
    apiVersion: ownVersion(),
    limitMs,
  });
}

/** The plugins of `plugin.path` and of `node_modules`; what is wrong with them is logged, and shown by REST. */
export async function installedPlugins(
  { app }: ServerSettings,
  log: Logger,
): Promise<LoadedPlugins> {
  const loaded = await loadInstalled(app['plugin.path'], app['plugin.load.timeout.ms']);
  for (const { severity, message, ...about } of loaded.problems)
    if (severity === 'error')
      log.error({ ...about, problem: message }, 'a plugin package is not used');
    else log.warn({ ...about, problem: message }, 'a plugin package deserves a look');
  const packages = new Map(loaded.plugins.map((each) => [each.location, each]));
  for (const { packageName, packageVersion, location } of packages.values()) {
    const own = loaded.plugins.filter((each) => each.location === location);
    const plugins = own.map(({ plugin }) => `${plugin.name} (${plugin.kind}, ${plugin.version})`);
    log.info(
      { package: packageName, version: packageVersion, location, plugins },
      'plugins loaded',
    );
  }
  return loaded;
}
