import {
  checkConfig,
  ConfigError,
  nearestName,
  type ConfigProblem,
  type Fields,
  type Resolved,
} from '@millrace/config';
import { parseBootstrap, type BrokerAddress } from '@millrace/kafka-client';
import { MillraceError } from '@millrace/foundation';
import { unusedWorkerKeys, workerKeyProblems } from '@millrace/runtime';
import { ACCEPTED_KEYS, ACCEPTED_PREFIXES } from './connect-keys.ts';
import { appFields } from './fields.ts';
import { kafkaSecurity, type KafkaSecurity } from './kafka-security.ts';
import { isLoopback, parseListener, type Listener } from './rest/listener.ts';
import { refuseOpenDoors, restSettings, type RestSettings } from './rest/rest-settings.ts';
import { parseHeaderRules, type HeaderRule } from './rest/response-headers.ts';

/** Everything that the worker was told, resolved. */
export interface ServerSettings {
  readonly app: Resolved<typeof appFields>;
  /** Keys of the worker as given, without those of the broker: what the runtime resolves. */
  readonly workerConfig: Readonly<Record<string, string>>;
  /** Kafka's broker keys, without their prefix. */
  readonly brokerConfig: Readonly<Record<string, string>>;
  /** The external Kafka, or undefined for the embedded log. */
  readonly bootstrap: readonly BrokerAddress[] | undefined;
  /** How an external Kafka is spoken to. */
  readonly security: KafkaSecurity;
  readonly listeners: readonly Listener[];
  readonly rest: RestSettings;
  readonly headerRules: readonly HeaderRule[];
  /** What was accepted but deserves a word; logged once at the start. */
  readonly warnings: readonly ConfigWarning[];
}

/** The keys of the parts that the worker is made of. */
export interface PartFields {
  /** Kafka's own broker keys, without the prefix `broker.`. */
  readonly broker: Fields;
  readonly runtime: Fields;
}

export interface ConfigWarning {
  readonly key: string;
  readonly message: string;
}

type FlatConfig = Readonly<Record<string, string>>;

const BROKER_PREFIX = 'broker.';
const ENVIRONMENT_PREFIX = 'MILLRACE_';

/** `MILLRACE_OFFSET_FLUSH_INTERVAL_MS` is `offset.flush.interval.ms`; empty variables count as absent. */
export function configFromEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): FlatConfig {
  const entries = Object.entries(environment).flatMap(([name, value]): [string, string][] => {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || value === undefined || value === '') return [];
    const key = name.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll('_', '.');
    return [[key, value]];
  });
  return Object.fromEntries(entries);
}

/**
 * Resolves the worker's configuration.
 * @throws ConfigError naming every problem at once
 */
export function resolveWorkerConfig(given: FlatConfig, parts: PartFields): ServerSettings {
  const raw = withoutBlankBootstrap(given);
  const brokerConfig = brokerConfigOf(raw);
  const app = checkConfig(appFields, raw);
  const broker = checkConfig(parts.broker, brokerConfig);
  const worker = checkConfig(parts.runtime, raw);
  const problems: ConfigProblem[] = [
    ...app.problems,
    ...worker.problems.filter(({ key }) => !(key in appFields)),
    ...workerKeyProblems(raw),
    ...broker.problems.map(({ key, message }) => ({
      key: BROKER_PREFIX + key,
      message: message.replaceAll(key, BROKER_PREFIX + key),
    })),
  ];
  const rest = restSettings(app.values, raw, problems);
  checkRegistryListeners(app.values, rest, problems);
  const headerRules = headerRulesFrom(app.values['response.http.headers.config'] ?? '', problems);
  const bootstrap = bootstrapFrom(app.values['bootstrap.servers'] ?? undefined, problems);
  const security = bootstrap === undefined ? {} : kafkaSecurity(raw, problems);
  if (problems.length > 0) throw new ConfigError('worker configuration', problems);
  return Object.freeze({
    app: app.values as Resolved<typeof appFields>, // complete, since there is no problem
    workerConfig: {
      'task.scratch.dir': `${raw['data.dir'] ?? appFields['data.dir'].default}/scratch`,
      ...Object.fromEntries(Object.entries(raw).filter(([key]) => !key.startsWith(BROKER_PREFIX))),
    },
    brokerConfig,
    bootstrap,
    security,
    listeners: rest.listeners,
    rest,
    headerRules,
    warnings: [
      ...unknownKeyWarnings(raw, parts),
      ...clientKeyWarnings(raw),
      ...warningsFor(raw, bootstrap !== undefined, rest),
    ],
  });
}

function withoutBlankBootstrap(raw: FlatConfig): FlatConfig {
  const { 'bootstrap.servers': servers, ...others } = raw;
  return servers === undefined || servers.trim() === '' ? others : raw;
}

/** Broker keys without their prefix; the log lives in `data.dir` unless it is told otherwise. */
function brokerConfigOf(raw: FlatConfig): FlatConfig {
  const given = Object.entries(raw)
    .filter(([key]) => key.startsWith(BROKER_PREFIX))
    .map(([key, value]): [string, string] => [key.slice(BROKER_PREFIX.length), value]);
  const config = Object.fromEntries(given);
  if (config['log.dirs'] !== undefined || config['log.dir'] !== undefined) return config;
  return { ...config, 'log.dirs': `${raw['data.dir'] ?? appFields['data.dir'].default}/log` };
}

/** The registry's are as open, or closed, as those of the REST API, with its certificate. */
function checkRegistryListeners(
  app: Partial<Resolved<typeof appFields>>,
  rest: RestSettings,
  problems: ConfigProblem[],
): void {
  const key = 'schema.registry.listeners';
  const listeners = (app[key] ?? []).flatMap((text) => {
    const listener = parseListener(text);
    return 'problem' in listener ? [] : [listener]; // reported by its own check
  });
  const isOpen = rest.authenticator === undefined && app['allow.unauthenticated.access'] !== true;
  if (isOpen) refuseOpenDoors(key, { listeners, tls: rest.tls }, problems);
}

function headerRulesFrom(text: string, problems: ConfigProblem[]): readonly HeaderRule[] {
  const rules = parseHeaderRules(text);
  if (!('problem' in rules)) return rules;
  problems.push(problemOf('response.http.headers.config', text, rules.problem));
  return [];
}

function bootstrapFrom(
  servers: string | undefined,
  problems: ConfigProblem[],
): readonly BrokerAddress[] | undefined {
  if (servers === undefined) return undefined;
  try {
    return parseBootstrap(servers);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    problems.push(problemOf('bootstrap.servers', servers, error.message));
    return undefined;
  }
}

function problemOf(key: string, value: string, problem: string): ConfigProblem {
  return { key, message: `Invalid value ${value} for configuration ${key}: ${problem}` };
}

function warningsFor(
  raw: FlatConfig,
  isExternal: boolean,
  { listeners, authenticator }: RestSettings,
): readonly ConfigWarning[] {
  const warnings: ConfigWarning[] = [];
  if (raw['offset.storage.file.filename'] !== undefined)
    warnings.push({
      key: 'offset.storage.file.filename',
      message: 'offsets are kept in the log; a file of Kafka Connect standalone is not read',
    });
  if (isExternal && Object.keys(raw).some((key) => key.startsWith(BROKER_PREFIX)))
    warnings.push({
      key: 'bootstrap.servers',
      message: 'keys that start with "broker." have no effect, since an external Kafka is used',
    });
  const isOpen = authenticator === undefined && listeners.some(({ host }) => !isLoopback(host));
  if (isOpen)
    warnings.push({
      key: 'listeners',
      message:
        'the REST API is reachable from other machines and asks for no password; protect it by a proxy or a firewall',
    });
  return warnings;
}

function unknownKeyWarnings(raw: FlatConfig, parts: PartFields): readonly ConfigWarning[] {
  const known = [
    ...namesOf(appFields),
    ...namesOf(parts.runtime),
    ...ACCEPTED_KEYS,
    ...namesOf(parts.broker).map((name) => BROKER_PREFIX + name),
  ];
  return Object.keys(raw)
    .filter((key) => !known.includes(key))
    .filter((key) => !ACCEPTED_PREFIXES.some((prefix) => key.startsWith(prefix)))
    .map((key) => {
      const nearest = nearestName(key, known);
      const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      return { key, message: `the key "${key}" is not known and has no effect${suggestion}` };
    });
}

/** `producer.*`, `consumer.*`, `admin.*` that our clients do not have. */
function clientKeyWarnings(raw: FlatConfig): readonly ConfigWarning[] {
  return unusedWorkerKeys(raw)
    .filter(({ key }) => !key.startsWith('admin.listeners'))
    .map(({ key, nearest }) => {
      const suggestion = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      return {
        key,
        message: `the clients here have no setting "${key}": it has no effect${suggestion}`,
      };
    });
}

function namesOf(fields: Fields): readonly string[] {
  return Object.entries(fields).flatMap(([name, field]) => [name, ...(field.aliases ?? [])]);
}
