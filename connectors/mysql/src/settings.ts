import {
  columnMaskRules,
  includeExclude,
  matchesAny,
  parseKeyColumns,
  signalProblems,
  type ColumnMaskRule,
  type KeyColumnsRule,
  type NameAdjustment,
  type NameFilter,
} from '@millrace/cdc';
import { ConfigError, resolveConfig, type ConfigProblem, type Resolved } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { mariadbFields, mysqlFields } from './fields.ts';
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
export interface Settings {
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
  readonly capturesColumn: (database: string, table: string, column: string) => boolean;
  readonly snapshotsTable: (database: string, table: string) => boolean;
  readonly keyColumns: readonly KeyColumnsRule[];
  readonly masks: readonly ColumnMaskRule[];
  /** Whether the schema of a column tells its type in the database. */
  readonly propagatesType: (column: string, type: string) => boolean;
  readonly skipped: ReadonlySet<string>;
  readonly schemaNames: NameAdjustment;
  readonly fieldNames: NameAdjustment;
  /** By `database.table` in lower case. */
  readonly selectOverrides: ReadonlyMap<string, string>;
  /** Tells whether transactions first written by this server count: a UUID, or `domain-server` of MariaDB. */
  readonly countsGtidSource: NameFilter;
  readonly filtersGtidSources: boolean;
  readonly skipsDdl: NameFilter;
  /** Transforms may copy records, so lazy ones are not for them. */
  readonly hasTransforms: boolean;
  readonly queueBytesMax: number;
  readonly address: string;
}

/** How far TLS goes, in one set of words for both kinds of server. */
export type SslMode = 'disabled' | 'preferred' | 'required' | 'verify-ca' | 'verify-identity';

const QUEUE_BYTES_DEFAULT = 8 << 20;
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
  const columnFilter = includeExclude(config['column.include.list'], config['column.exclude.list']);
  const snapshotList = config['snapshot.include.collection.list'];
  const snapshotFilter = snapshotList === null ? (): boolean => true : matchesAny(snapshotList);
  const ignoresBuiltin = config['table.ignore.builtin'];
  const capturesDatabase = (database: string): boolean =>
    !(ignoresBuiltin && SYSTEM_DATABASES.test(database)) && databaseFilter(database);
  const propagatesColumn = matchesAny(config['column.propagate.source.type'] ?? []);
  const propagatesDatatype = matchesAny(config['datatype.propagate.source.type'] ?? []);
  const includes = config['gtid.source.includes'];
  const excludes = config['gtid.source.excludes'];
  return {
    flavour,
    config,
    values: valueSettings(config),
    snapshot: snapshotPlan(config),
    sslMode: SSL_MODES[config['database.ssl.mode']] ?? 'preferred',
    capturesDatabase,
    capturesTable: (database, table) =>
      capturesDatabase(database) && tableFilter(`${database}.${table}`),
    isSignalTable: (database, table) => config['signal.data.collection'] === `${database}.${table}`,
    capturesColumn: (database, table, column) => columnFilter(`${database}.${table}.${column}`),
    snapshotsTable: (database, table) => snapshotFilter(`${database}.${table}`),
    keyColumns: parseKeyColumns(config['message.key.columns'] ?? '') ?? [],
    masks: columnMaskRules(raw).rules,
    propagatesType: (column, type) => propagatesColumn(column) || propagatesDatatype(type),
    skipped: new Set<string>(config['skipped.operations']),
    schemaNames: adjustment(config['schema.name.adjustment.mode']),
    fieldNames: adjustment(config['field.name.adjustment.mode']),
    selectOverrides: selectOverrides(raw, config['snapshot.select.statement.overrides'] ?? []),
    countsGtidSource: includeExclude(includes, excludes),
    filtersGtidSources: (includes ?? excludes) !== null,
    skipsDdl: matchesAny(config['schema.history.internal.ddl.filter'] ?? []),
    hasTransforms: (raw['transforms'] ?? '').trim() !== '',
    queueBytesMax:
      config['max.queue.size.in.bytes'] === 0
        ? QUEUE_BYTES_DEFAULT
        : config['max.queue.size.in.bytes'],
    address: `${config['database.hostname']}:${config['database.port']}`,
  };
}

/** Rules that span fields; single ones are with the fields. */
export function crossFieldProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [...columnMaskRules(raw).problems];
  for (const kind of ['database', 'table', 'column'])
    problems.push(...bothLists(raw, `${kind}.include.list`, `${kind}.exclude.list`));
  problems.push(...bothLists(raw, 'gtid.source.includes', 'gtid.source.excludes'));
  const skipped = splitList(raw['skipped.operations']);
  if (skipped.includes('none') && skipped.length > 1)
    problems.push({
      key: 'skipped.operations',
      message: '"none" can\'t be combined with operations to skip',
    });
  for (const table of splitList(raw['snapshot.select.statement.overrides'])) {
    const key = `snapshot.select.statement.overrides.${table}`;
    if (!isGiven(raw[key]))
      problems.push({
        key: 'snapshot.select.statement.overrides',
        message: `"${table}" is listed, but "${key}" has no statement`,
      });
  }
  const history = raw['schema.history.internal'];
  if (isGiven(history) && history?.endsWith('KafkaSchemaHistory') !== true)
    problems.push({
      key: 'schema.history.internal',
      message: `"${history ?? ''}" is not supported: the history is in a topic (io.debezium.storage.kafka.history.KafkaSchemaHistory), or not needed with binlog_row_metadata=FULL`,
    });
  problems.push(...signalProblems(raw));
  return problems;
}

function bothLists(raw: ComponentConfig, include: string, exclude: string): ConfigProblem[] {
  return isGiven(raw[include]) && isGiven(raw[exclude])
    ? [{ key: exclude, message: `"${exclude}" can't be used together with "${include}"` }]
    : [];
}

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}

function splitList(value: string | undefined): readonly string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function valueSettings(config: Resolved<typeof mysqlFields>): ValueSettings {
  const placeholder = config['unavailable.value.placeholder'];
  const placeholderBytes = placeholder.startsWith('hex:')
    ? Buffer.from(placeholder.slice(4).replaceAll(/[ _-]/g, ''), 'hex')
    : Buffer.from(placeholder);
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
    isBoolean: () => false,
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

function adjustment(mode: string): NameAdjustment {
  return mode === 'avro' || mode === 'avro_unicode' ? mode : 'none';
}

function selectOverrides(
  raw: ComponentConfig,
  tables: readonly string[],
): ReadonlyMap<string, string> {
  return new Map(
    tables.map((table) => [
      table.toLowerCase(),
      raw[`snapshot.select.statement.overrides.${table}`] ?? '',
    ]),
  );
}
