import { resolveConfig, wholeRegex, type ConfigProblem } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { parseJdbcUrl, type JdbcUrl } from '../jdbc-url.ts';
import { columnMappings, type ColumnMapping } from './column-mapping.ts';
import { fields, GRANULARITIES, MODES, NUMERIC_MAPPINGS } from './fields.ts';

export type Mode = (typeof MODES)[number];
export type Granularity = (typeof GRANULARITIES)[number];
export type NumericMapping = (typeof NUMERIC_MAPPINGS)[number];

/** How columns become fields. */
export interface ValueSettings {
  readonly zone: string;
  readonly granularity: Granularity;
  readonly numericMapping: NumericMapping;
  readonly unconstrainedNumeric: 'decimal' | 'string' | 'double';
}

export interface ConnectionSettings {
  readonly url: JdbcUrl;
  readonly user: string | null;
  readonly password: string | null;
  readonly connectTimeoutMs: number;
  /** 0: no limit. */
  readonly statementTimeoutMs: number;
  readonly isolation: string;
}

export interface Settings {
  readonly connection: ConnectionSettings;
  readonly values: ValueSettings;
  readonly mode: Mode;
  readonly query: string | null;
  readonly querySuffix: string;
  readonly incrementingColumn: string;
  readonly incrementingColumns: readonly ColumnMapping[];
  readonly timestampColumns: readonly string[];
  readonly timestampColumnsByTable: readonly ColumnMapping[];
  readonly timestampInitialMs: number | null;
  readonly timestampDelayMs: number;
  readonly transactionWaitMaxMs: number;
  readonly mustNotBeNull: boolean;
  readonly quotesIdentifiers: boolean;
  readonly topicPrefix: string;
  readonly pollIntervalMs: number;
  readonly tablePollIntervalMs: number;
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly queryAttemptsMax: number;
  readonly catalogPattern: string | null;
  readonly schemaPattern: string | null;
  readonly whitelist: readonly string[];
  readonly blacklist: readonly string[];
  readonly includes: readonly RegExp[];
  readonly excludes: readonly RegExp[];
  readonly tableTypes: readonly string[];
}

/** @throws ConfigError with every problem of a field */
export function settingsFrom(config: ComponentConfig): Settings {
  const values = resolveConfig(fields, config, 'the JDBC source');
  const query = [values.query, values['query.masked'] ?? ''].find((text) => text.trim() !== '');
  const mapping =
    values['numeric.mapping']?.toLowerCase() ??
    (values['numeric.precision.mapping'] ? 'precision_only' : 'none');
  return {
    connection: {
      url: parseJdbcUrl(values['connection.url']),
      user: values['connection.user'],
      password: values['connection.password'],
      connectTimeoutMs: values['connection.timeout.ms'],
      statementTimeoutMs: values['statement.timeout.ms'],
      isolation: values['transaction.isolation.mode'].toUpperCase(),
    },
    values: {
      zone: values['db.timezone'],
      granularity: oneOf(GRANULARITIES, values['timestamp.granularity']),
      numericMapping: oneOf(NUMERIC_MAPPINGS, mapping),
      unconstrainedNumeric: oneOf(
        ['decimal', 'string', 'double'] as const,
        values['numeric.unconstrained'],
      ),
    },
    mode: oneOf(MODES, values.mode),
    query: query?.trim().replace(/;$/, '') ?? null,
    querySuffix: values['query.suffix'].trim(),
    incrementingColumn: values['incrementing.column.name'].trim(),
    incrementingColumns: columnMappings(values['incrementing.column.mapping']),
    timestampColumns: values['timestamp.column.name'],
    timestampColumnsByTable: columnMappings(values['timestamp.columns.mapping']),
    timestampInitialMs: values['timestamp.initial'],
    timestampDelayMs: values['timestamp.delay.interval.ms'],
    transactionWaitMaxMs: values['transaction.wait.max.ms'],
    mustNotBeNull: values['validate.non.null'],
    quotesIdentifiers: values['quote.sql.identifiers'].toLowerCase() === 'always',
    topicPrefix: values['topic.prefix'],
    pollIntervalMs: values['poll.interval.ms'],
    tablePollIntervalMs: values['table.poll.interval.ms'],
    rowsMax: values['batch.max.rows'],
    bytesMax: values['batch.max.bytes'],
    queryAttemptsMax: values['query.retry.attempts'],
    catalogPattern: values['catalog.pattern'],
    schemaPattern: values['schema.pattern'],
    whitelist: values['table.whitelist'],
    blacklist: values['table.blacklist'],
    includes: values['table.include.list'].map((text) => wholeRegex(text)),
    excludes: values['table.exclude.list'].map((text) => wholeRegex(text)),
    tableTypes: values['table.types'].map((type) => type.trim().toUpperCase()),
  };
}

export const usesTimestamp = ({ mode }: Settings): boolean => mode.startsWith('timestamp');
export const usesIncrementing = ({ mode }: Settings): boolean => mode.endsWith('incrementing');

/** Rules across fields. */
export function settingProblems(settings: Settings): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const add = (key: string, message: string): void => void problems.push({ key, message });
  const { whitelist, blacklist, includes, excludes, query } = settings;
  if (whitelist.length > 0 && blacklist.length > 0)
    add('table.blacklist', 'table.whitelist and table.blacklist exclude each other: drop one');
  if (includes.length + excludes.length > 0 && whitelist.length + blacklist.length > 0)
    add(
      'table.whitelist',
      'table.include.list and table.exclude.list replace table.whitelist and table.blacklist: use one pair',
    );
  if (excludes.length > 0 && includes.length === 0)
    add('table.exclude.list', 'table.exclude.list needs table.include.list, from which it takes');
  if (query !== null && [whitelist, blacklist, includes, excludes].some((list) => list.length > 0))
    add('query', 'a query is read instead of tables: drop either query or the lists of tables');
  if (
    query !== null &&
    settings.incrementingColumns.length + settings.timestampColumnsByTable.length > 0
  )
    add('query', 'mappings by table mean nothing for a query: name the columns themselves');
  if (usesTimestamp(settings)) {
    if (settings.timestampColumns.length === 0 && settings.timestampColumnsByTable.length === 0)
      add('timestamp.column.name', `mode=${settings.mode} needs timestamp.column.name`);
    if (settings.timestampColumns.length > 0 && settings.timestampColumnsByTable.length > 0)
      add('timestamp.columns.mapping', 'use timestamp.column.name or timestamp.columns.mapping');
  }
  if (usesIncrementing(settings)) {
    if (query !== null && settings.incrementingColumn === '')
      add(
        'incrementing.column.name',
        'a query needs incrementing.column.name: it has no table to look it up in',
      );
    if (settings.incrementingColumn !== '' && settings.incrementingColumns.length > 0)
      add(
        'incrementing.column.mapping',
        'use incrementing.column.name or incrementing.column.mapping',
      );
  }
  if (settings.connection.user === null && !settings.connection.url.properties.has('user'))
    add(
      'connection.user',
      'Missing the database user: set connection.user, or user=… in connection.url',
    );
  return problems;
}

function oneOf<const T extends string>(known: readonly T[], text: string): T {
  const found = known.find((name) => name === text.toLowerCase());
  if (found === undefined) throw new TypeError(`"${text}" is none of ${known.join(', ')}`);
  return found;
}
