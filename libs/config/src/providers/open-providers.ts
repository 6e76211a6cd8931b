import { MillraceError, type Clock, type Logger } from '@millrace/foundation';
import { AllowedPaths } from './allowed-paths.ts';
import type { ConfigProvider } from './config-provider.ts';
import { EnvironmentConfigProvider } from './environment-provider.ts';
import { badProvider } from './errors.ts';
import { PluggedConfigProvider } from './plugged-provider.ts';
import {
  DirectoryConfigProvider,
  FileConfigProvider,
  type FileProviderOptions,
} from './file-providers.ts';

export interface ProviderPorts {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Providers of packages that were installed; by default none. */
  readonly plugged?: PluggedClasses;
}

export interface PluggedClasses {
  /** Undefined: no such class. */
  readonly find: (className: string) => ProviderClass | undefined;
  /** Names to choose from. */
  readonly names: readonly string[];
  readonly clock: Clock;
  /** How long a call may take. */
  readonly limitMs: number;
}

interface ProviderClass {
  create(params: Params): ConfigProvider | Promise<ConfigProvider>;
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
    const plugged = ports.plugged?.find(className?.trim() ?? '');
    if (open === undefined && plugged === undefined) {
      const known = [...CLASSES.keys(), ...(ports.plugged?.names ?? [])];
      throw badProvider(
        className === undefined
          ? `config provider "${name}" has no class: set ${prefix}class`
          : `${prefix}class=${className} is not known; there are ${known.join(', ')}`,
      );
    }
    const params = Object.entries(config).flatMap(([key, value]): [string, string][] =>
      key.startsWith(`${prefix}param.`) ? [[key.slice(`${prefix}param.`.length), value]] : [],
    );
    const own = Object.fromEntries(params);
    const provider =
      open === undefined ? await openPlugged(name, plugged, own, ports) : await open(own, ports);
    if (provider !== undefined) providers.set(name, provider);
  }
  return providers;
}

async function openPlugged(
  name: string,
  plugged: ProviderClass | undefined,
  params: Params,
  { plugged: classes }: ProviderPorts,
): Promise<ConfigProvider | undefined> {
  if (plugged === undefined || classes === undefined) return undefined;
  const { clock, limitMs } = classes;
  try {
    return new PluggedConfigProvider(await plugged.create(params), { name, clock, limitMs });
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw badProvider(`config provider "${name}" could not be made: ${reason}`, error);
  }
}

/** The classes that `config.providers` names and that are not Millrace's own. */
export function foreignProviderClasses(config: Params): readonly string[] {
  return (config['config.providers'] ?? '').split(',').flatMap((name) => {
    const className = config[`config.providers.${name.trim()}.class`]?.trim();
    return className === undefined || CLASSES.has(className) ? [] : [className];
  });
}

async function fileOptions(params: Params, log: Logger): Promise<FileProviderOptions> {
  const ttl = params['ttl.ms'];
  const ttlMs = ttl === undefined ? undefined : Number(ttl);
  if (ttlMs !== undefined && !(Number.isInteger(ttlMs) && ttlMs >= 0))
    throw badProvider(`param.ttl.ms=${ttl ?? ''} is not a number of milliseconds`);
  return { allowed: await AllowedPaths.parse(params['allowed.paths']), ttlMs, log };
}
