import {
  commonProblems,
  commonSettings,
  includeExclude,
  isGiven,
  matchesAny,
  placeholderOf,
  snapshotFilter,
  type CommonSettings,
  type NameFilter,
} from '@millrace/cdc';
import { ConfigError, resolveConfig, type ConfigProblem, type Resolved } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { mariadbFields, mysqlFields } from './fields.ts';
import { columnConverter, converterProblems } from './types/column-converters.ts';
import type { ValueSettings } from './types/value-settings.ts';

export type Flavour = 'mysql' | 'mariadb';

export type SnapshotMode =
  'initial' | 'always' | 'initial_only' | 'no_data' | 'when_needed' | 'recovery';

/** What `snapshot.mode` comes to. */
export interface SnapshotPlan {
  /** Whether the rows are read when there is no offset. */
  readonly readsRows: boolean;
  /** Also when there is one. */
  readonly isRepeated: boolean;
  /** A new snapshot when the place of the offset is gone from the server. */
  readonly mendsLostPosition: boolean;
  /** The schema history is made anew from the server, whatever it holds. */
  readonly rebuildsHistory: boolean;
  /** The schema history is made anew when it does not reach back far enough. */
  readonly mendsLostHistory: boolean;
  readonly streams: boolean;
}

/** Resolved configuration with what follows from it. */
export interface Settings extends CommonSettings {
  readonly flavour: Flavour;
  readonly config: Resolved<typeof mysqlFields>;
  readonly values: ValueSettings;
  readonly snapshot: SnapshotPlan;
  readonly sslMode: SslMode;
  readonly capturesDatabase: NameFilter;
  /** By `database.table`, the database's filter included. */
  readonly capturesTable: (database: string, table: string) => boolean;
  /** `signal.data.collection`: read beside what is captured. */
  readonly isSignalTable: (database: string, table: string) => boolean;
  readonly snapshotsTable: (database: string, table: string) => boolean;
  /** Tells whether transactions first written by this server count: a UUID, or `domain-server` of MariaDB. */
  readonly countsGtidSource: NameFilter;
  readonly filtersGtidSources: boolean;
  readonly skipsDdl: NameFilter;
  readonly address: string;
}

/** How far TLS goes, in one set of words for both kinds of server. */
export type SslMode = 'disabled' | 'preferred' | 'required' | 'verify-ca' | 'verify-identity';

const SYSTEM_DATABASES = /^(?:mysql|information_schema|performance_schema|sys)$/i;

/** @throws ConfigError with all problems */
export function settingsFrom(raw: ComponentConfig, flavour: Flavour): Settings {
  const subject = `${flavour} connector configuration`;
  const fields = flavour === 'mysql' ? mysqlFields : mariadbFields;
  const config = resolveConfig(fields, raw, subject);
  const problems = crossFieldProblems(raw);
  if (problems.length > 0) throw new ConfigError(subject, problems);
  const databaseFilter = includeExclude(
    config['database.include.list'],
    config['database.exclude.list'],
  );
  const tableFilter = includeExclude(config['table.include.list'], config['table.exclude.list']);
  const readsTable = snapshotFilter(config);
  const ignoresBuiltin = config['table.ignore.builtin'];
  const capturesDatabase = (database: string): boolean =>
    !(ignoresBuiltin && SYSTEM_DATABASES.test(database)) && databaseFilter(database);
  const common = commonSettings(raw, config);
  const includes = config['gtid.source.includes'];
  const excludes = config['gtid.source.excludes'];
  return {
    ...common,
    flavour,
    config,
    values: { ...valueSettings(config), converter: columnConverter(raw) },
    snapshot: snapshotPlan(config),
    sslMode: SSL_MODES[config['database.ssl.mode']] ?? 'preferred',
    capturesDatabase,
    capturesTable: (database, table) =>
      capturesDatabase(database) && tableFilter(`${database}.${table}`),
    isSignalTable: (database, table) => config['signal.data.collection'] === `${database}.${table}`,
    snapshotsTable: (database, table) => readsTable(`${database}.${table}`),
    countsGtidSource: includeExclude(includes, excludes),
    filtersGtidSources: (includes ?? excludes) !== null,
    skipsDdl: matchesAny(config['schema.history.internal.ddl.filter'] ?? []),
    address: `${config['database.hostname']}:${config['database.port']}`,
  };
}

/** Rules that span fields; single ones are with the fields. */
export function crossFieldProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [
    ...commonProblems(raw, [
      ['database.include.list', 'database.exclude.list'],
      ['table.include.list', 'table.exclude.list'],
      ['column.include.list', 'column.exclude.list'],
      ['gtid.source.includes', 'gtid.source.excludes'],
    ]),
  ];
  problems.push(...converterProblems(raw));
  const history = raw['schema.history.internal'];
  if (isGiven(history) && history?.endsWith('KafkaSchemaHistory') !== true)
    problems.push({
      key: 'schema.history.internal',
      message: `"${history ?? ''}" is not supported: the history is in a topic (io.debezium.storage.kafka.history.KafkaSchemaHistory), or not needed with binlog_row_metadata=FULL`,
    });
  return problems;
}

function valueSettings(config: Resolved<typeof mysqlFields>): Omit<ValueSettings, 'converter'> {
  const placeholderBytes = placeholderOf(config);
  return {
    decimalMode: wordOf(['precise', 'string', 'double'], config['decimal.handling.mode']),
    unsignedBigintMode: wordOf(['long', 'precise'], config['bigint.unsigned.handling.mode']),
    timeMode: wordOf(TIME_MODES, config['time.precision.mode']),
    binaryMode: wordOf(
      ['bytes', 'base64', 'base64-url-safe', 'hex'],
      config['binary.handling.mode'],
    ),
    onUnrepresentable:
      config['event.converting.failure.handling.mode'] === 'fail' ? 'fail' : 'null',
    adjustsYears: config['enable.time.adjuster'],
    placeholderText: placeholderBytes.toString(),
    placeholderBytes,
  };
}

const TIME_MODES = [
  'adaptive_time_microseconds',
  'adaptive',
  'connect',
  'isostring',
  'microseconds',
  'nanoseconds',
] as const;

/** A validated word in its narrow type; the first stands for what can't be. */
function wordOf<const T extends string>(words: readonly [T, ...T[]], given: string): T {
  return words.find((word) => word === given) ?? words[0];
}

const SSL_MODES: Readonly<Record<string, SslMode>> = {
  disabled: 'disabled',
  preferred: 'preferred',
  required: 'required',
  verify_ca: 'verify-ca',
  verify_identity: 'verify-identity',
  disable: 'disabled',
  trust: 'required',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-identity',
};

const PLANS: Readonly<Record<SnapshotMode, Partial<SnapshotPlan>>> = {
  initial: {},
  always: { isRepeated: true },
  initial_only: { streams: false },
  no_data: { readsRows: false },
  when_needed: { mendsLostPosition: true, mendsLostHistory: true },
  recovery: { readsRows: false, rebuildsHistory: true },
};

function snapshotPlan(config: Resolved<typeof mysqlFields>): SnapshotPlan {
  const mode = config['snapshot.mode'].toLowerCase();
  const base: SnapshotPlan = {
    readsRows: true,
    isRepeated: false,
    mendsLostPosition: false,
    rebuildsHistory: false,
    mendsLostHistory: false,
    streams: true,
  };
  if (mode === 'configuration_based') {
    const key = 'snapshot.mode.configuration.based';
    return {
      ...base,
      readsRows: config[`${key}.snapshot.data`],
      streams: config[`${key}.start.stream`],
      mendsLostPosition: config[`${key}.snapshot.on.data.error`],
      mendsLostHistory: config[`${key}.snapshot.on.schema.error`],
    };
  }
  return { ...base, ...PLANS[snapshotMode(mode)] };
}

function snapshotMode(mode: string): SnapshotMode {
  switch (mode) {
    case 'always':
    case 'initial_only':
    case 'when_needed':
    case 'no_data':
    case 'recovery':
      return mode;
    case 'schema_only':
    case 'never':
      return 'no_data';
    case 'schema_only_recovery':
      return 'recovery';
    default:
      return 'initial';
  }
}
