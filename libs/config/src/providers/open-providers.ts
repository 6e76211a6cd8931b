import type { Logger } from '@millrace/foundation';
import { AllowedPaths } from './allowed-paths.ts';
import type { ConfigProvider } from './config-provider.ts';
import { EnvironmentConfigProvider } from './environment-provider.ts';
import { badProvider } from './errors.ts';
import {
  DirectoryConfigProvider,
  FileConfigProvider,
  type FileProviderOptions,
} from './file-providers.ts';

export interface ProviderPorts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

type Params = Readonly<Record<string, string>>;
type Open = (params: Params, ports: ProviderPorts) => Promise<ConfigProvider>;

const KAFKA = 'org.apache.kafka.common.config.provider.';

const openFile: Open = async (params, { log }) =>
  new FileConfigProvider(await fileOptions(params, log));
const openDirectory: Open = async (params, { log }) =>
  new DirectoryConfigProvider(await fileOptions(params, log));
const openEnvironment: Open = (params, { environment }) =>
  Promise.resolve(new EnvironmentConfigProvider(environment, params['allowlist.pattern']));

/** By class: Kafka's names and short ones. */
const CLASSES: ReadonlyMap<string, Open> = new Map([
  [`${KAFKA}FileConfigProvider`, openFile],
  [`${KAFKA}DirectoryConfigProvider`, openDirectory],
  [`${KAFKA}EnvVarConfigProvider`, openEnvironment],
  ['file', openFile],
  ['directory', openDirectory],
  ['env', openEnvironment],
]);

/**
 * The providers that `config.providers` names, by name. `param.ttl.ms` of the file providers says after how long their
 * values are read again; by default they are read when a connector starts, as in Kafka.
 * @throws MillraceError `config.bad_provider` for an unknown class or bad parameters
 */
export async function openConfigProviders(
  config: Params,
  ports: ProviderPorts,
): Promise<ReadonlyMap<string, ConfigProvider>> {
  const providers = new Map<string, ConfigProvider>();
  const names = (config['config.providers'] ?? '').split(',').map((name) => name.trim());
  for (const name of names) {
    if (name === '') continue;
    const prefix = `config.providers.${name}.`;
    const className = config[`${prefix}class`];
    const open = CLASSES.get(className?.trim() ?? '');
    if (open === undefined)
      throw badProvider(
        className === undefined
          ? `config provider "${name}" has no class: set ${prefix}class`
          : `${prefix}class=${className} is not known; there are ${[...CLASSES.keys()].join(', ')}`,
      );
    const params = Object.entries(config).flatMap(([key, value]): [string, string][] =>
      key.startsWith(`${prefix}param.`) ? [[key.slice(`${prefix}param.`.length), value]] : [],
    );
    providers.set(name, await open(Object.fromEntries(params), ports));
  }
  return providers;
}

async function fileOptions(params: Params, log: Logger): Promise<FileProviderOptions> {
  const ttl = params['ttl.ms'];
  const ttlMs = ttl === undefined ? undefined : Number(ttl);
  if (ttlMs !== undefined && !(Number.isInteger(ttlMs) && ttlMs >= 0))
    throw badProvider(`param.ttl.ms=${ttl ?? ''} is not a number of milliseconds`);
  return { allowed: await AllowedPaths.parse(params['allowed.paths']), ttlMs, log };
}
