import {
  commonProblems,
  commonSettings,
  includeExclude,
  isGiven,
  placeholderOf,
  snapshotFilter,
  type CommonSettings,
  type NameFilter,
} from '@millrace/cdc';
import { ConfigError, resolveConfig, type ConfigProblem, type Resolved } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { fields } from './fields.ts';

/** What the table of values depends on. */
export interface ValueSettings {
  readonly decimalMode: string;
  readonly timeMode: string;
  readonly binaryMode: string;
  readonly hstoreMode: string;
  readonly intervalMode: string;
  readonly moneyFractionDigits: number;
  readonly includeUnknown: boolean;
  /** `millrace.text.datatypes` */
  readonly textTypes: ReadonlySet<string>;
  readonly onUnrepresentable: 'fail' | 'null';
  readonly placeholderText: string;
  readonly placeholderBytes: Buffer;
}

/** What `snapshot.mode` comes to. */
export interface SnapshotPolicy {
  /** Tables are read: when there is no position, at each start, or not at all. */
  readonly reads: 'if-missing' | 'each-start' | 'never';
  /** Also when the slot can't be read on from the position. */
  readonly readsAfterLoss: boolean;
  readonly streams: boolean;
}

/** Resolved configuration with what follows from it. */
export interface Settings extends CommonSettings {
  readonly config: Resolved<typeof fields>;
  readonly values: ValueSettings;
  readonly snapshot: SnapshotPolicy;
  readonly capturesSchema: NameFilter;
  /** By `schema.table`, the schema's filter included. */
  readonly capturesTable: (schema: string, table: string) => boolean;
  readonly capturesMessagePrefix: NameFilter;
  readonly snapshotsTable: (schema: string, table: string) => boolean;
  /** `signal.data.collection`; captured whatever the filters say, and in no snapshot. */
  readonly isSignalTable: (schema: string, table: string) => boolean;
  /** The `publish` list of a publication that we make. */
  readonly publish: string;
  /** `lsn.flush.mode`, or its older name. */
  readonly flushMode: string;
  readonly address: string;
}

const SYSTEM_SCHEMAS = /^(?:pg_catalog|information_schema|pg_toast.*|pg_temp.*)$/;

/** @throws ConfigError with all problems */
export function settingsFrom(raw: ComponentConfig): Settings {
  const config = resolveConfig(fields, raw, 'postgres connector configuration');
  const problems = crossFieldProblems(raw);
  if (problems.length > 0) throw new ConfigError('postgres connector configuration', problems);
  const schemaFilter = includeExclude(config['schema.include.list'], config['schema.exclude.list']);
  const tableFilter = includeExclude(config['table.include.list'], config['table.exclude.list']);
  const readsTable = snapshotFilter(config);
  const capturesSchema = (schema: string): boolean =>
    !SYSTEM_SCHEMAS.test(schema) && schemaFilter(schema);
  const signalTable = unquoted(config['signal.data.collection']);
  const isSignalTable = (schema: string, table: string): boolean =>
    signalTable !== null && `${schema}.${table}` === signalTable;
  const common = commonSettings(raw, config);
  return {
    ...common,
    config,
    values: valueSettings(config),
    snapshot: snapshotPolicy(config),
    capturesSchema,
    capturesTable: (schema, table) =>
      (capturesSchema(schema) && tableFilter(`${schema}.${table}`)) || isSignalTable(schema, table),
    capturesMessagePrefix: includeExclude(
      config['message.prefix.include.list'],
      config['message.prefix.exclude.list'],
    ),
    snapshotsTable: (schema, table) =>
      readsTable(`${schema}.${table}`) && !isSignalTable(schema, table),
    isSignalTable,
    publish: publishList(raw['skipped.operations'] === undefined ? new Set() : common.skipped),
    flushMode:
      config['lsn.flush.mode'] ?? (config['flush.lsn.source'] === false ? 'manual' : 'connector'),
    address: `${config['database.hostname']}:${config['database.port']}`,
  };
}

/** Rules that span fields; single ones are in `fields.ts`. */
export function crossFieldProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [
    ...commonProblems(
      raw,
      ['schema', 'table', 'column', 'message.prefix'].map(
        (kind) => [`${kind}.include.list`, `${kind}.exclude.list`] as const,
      ),
    ),
    ...customProblems(raw),
    ...javaProblems(raw),
  ];
  if (isGiven(raw['flush.lsn.source']) && isGiven(raw['lsn.flush.mode']))
    problems.push({
      key: 'flush.lsn.source',
      message: '"flush.lsn.source" is the older name of "lsn.flush.mode": give one of them',
    });
  if (isGiven(raw['database.sslcert']) !== isGiven(raw['database.sslkey']))
    problems.push({
      key: 'database.sslkey',
      message: '"database.sslcert" and "database.sslkey" belong together',
    });
  return problems;
}

/** `"schema"."table"` may be quoted. */
function unquoted(name: string | null): string | null {
  return name === null || name.trim() === '' ? null : name.trim().replaceAll('"', '');
}

/** Without them values would silently be other ones. */
const JAVA_CLASSES: Readonly<Record<string, string>> = {
  converters: 'use a transform, or the handling modes of the connector',
};

function javaProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  return Object.entries(JAVA_CLASSES)
    .filter(([key]) => isGiven(raw[key]))
    .map(([key, remedy]) => ({
      key,
      message: `"${key}" names Java classes, which can't run here; ${remedy}`,
    }));
}

/** Debezium's extension points are Java classes. */
function customProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  return ['snapshot.mode', 'snapshot.locking.mode', 'snapshot.query.mode']
    .filter((key) => (raw[key] ?? '').trim().toLowerCase() === 'custom')
    .map((key) => ({
      key,
      message: `"custom" of "${key}" is a Java class of Debezium's, which can't run here; use one of the other values, or snapshot.select.statement.overrides`,
    }));
}

function valueSettings(config: Resolved<typeof fields>): ValueSettings {
  const placeholderBytes = placeholderOf(config);
  return {
    decimalMode: config['decimal.handling.mode'],
    timeMode: config['time.precision.mode'],
    binaryMode: config['binary.handling.mode'],
    hstoreMode: config['hstore.handling.mode'],
    intervalMode: config['interval.handling.mode'],
    moneyFractionDigits: config['money.fraction.digits'],
    includeUnknown: config['include.unknown.datatypes'],
    textTypes: new Set(config['millrace.text.datatypes']),
    onUnrepresentable:
      config['event.converting.failure.handling.mode'] === 'fail' ? 'fail' : 'null',
    placeholderBytes,
    placeholderText: placeholderBytes.toString(),
  };
}

function snapshotPolicy(config: Resolved<typeof fields>): SnapshotPolicy {
  const policy = (
    reads: SnapshotPolicy['reads'],
    readsAfterLoss = false,
    streams = true,
  ): SnapshotPolicy => ({ reads, readsAfterLoss, streams });
  switch (config['snapshot.mode'].toLowerCase()) {
    case 'always':
      return policy('each-start');
    case 'initial_only':
      return policy('if-missing', false, false);
    case 'when_needed':
      return policy('if-missing', true);
    case 'no_data':
    case 'never':
      return policy('never');
    case 'configuration_based':
      return policy(
        config['snapshot.mode.configuration.based.snapshot.data'] ? 'each-start' : 'never',
        config['snapshot.mode.configuration.based.snapshot.on.data.error'],
        config['snapshot.mode.configuration.based.start.stream'],
      );
    default:
      return policy('if-missing');
  }
}

function publishList(skipped: ReadonlySet<string>): string {
  const operations = { insert: 'c', update: 'u', delete: 'd', truncate: 't' };
  return Object.entries(operations)
    .filter(([, operation]) => !skipped.has(operation))
    .map(([name]) => name)
    .join(', ');
}
