import {
  columnMaskRules,
  includeExclude,
  matchesAny,
  parseKeyColumns,
  type ColumnMaskRule,
  type KeyColumnsRule,
  type NameAdjustment,
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
  readonly onUnrepresentable: 'fail' | 'null';
  readonly placeholderText: string;
  readonly placeholderBytes: Buffer;
}

export type SnapshotMode = 'initial' | 'always' | 'initial_only' | 'no_data' | 'when_needed';

/** Resolved configuration with what follows from it. */
export interface Settings {
  readonly config: Resolved<typeof fields>;
  readonly values: ValueSettings;
  readonly snapshotMode: SnapshotMode;
  readonly capturesSchema: NameFilter;
  /** By `schema.table`, the schema's filter included. */
  readonly capturesTable: (schema: string, table: string) => boolean;
  readonly capturesColumn: (schema: string, table: string, column: string) => boolean;
  readonly capturesMessagePrefix: NameFilter;
  readonly snapshotsTable: (schema: string, table: string) => boolean;
  readonly keyColumns: readonly KeyColumnsRule[];
  readonly masks: readonly ColumnMaskRule[];
  /** Whether the schema of a column tells its type in the database. */
  readonly propagatesType: (column: string, type: string) => boolean;
  readonly skipped: ReadonlySet<string>;
  /** The `publish` list of a publication that we make. */
  readonly publish: string;
  readonly schemaNames: NameAdjustment;
  readonly fieldNames: NameAdjustment;
  readonly selectOverrides: ReadonlyMap<string, string>;
  /** Transforms may copy records, so lazy ones are not for them. */
  readonly hasTransforms: boolean;
  readonly queueBytesMax: number;
  readonly address: string;
}

const QUEUE_BYTES_DEFAULT = 8 << 20;
const SYSTEM_SCHEMAS = /^(?:pg_catalog|information_schema|pg_toast.*|pg_temp.*)$/;

/** @throws ConfigError with all problems */
export function settingsFrom(raw: ComponentConfig): Settings {
  const config = resolveConfig(fields, raw, 'postgres connector configuration');
  const problems = crossFieldProblems(raw);
  if (problems.length > 0) throw new ConfigError('postgres connector configuration', problems);
  const schemaFilter = includeExclude(config['schema.include.list'], config['schema.exclude.list']);
  const tableFilter = includeExclude(config['table.include.list'], config['table.exclude.list']);
  const columnFilter = includeExclude(config['column.include.list'], config['column.exclude.list']);
  const snapshotList = config['snapshot.include.collection.list'];
  const snapshotFilter = snapshotList === null ? (): boolean => true : matchesAny(snapshotList);
  const capturesSchema = (schema: string): boolean =>
    !SYSTEM_SCHEMAS.test(schema) && schemaFilter(schema);
  const propagatesColumn = matchesAny(config['column.propagate.source.type'] ?? []);
  const propagatesDatatype = matchesAny(config['datatype.propagate.source.type'] ?? []);
  const skipped = new Set<string>(config['skipped.operations']);
  return {
    config,
    values: valueSettings(config),
    snapshotMode: snapshotModeOf(config['snapshot.mode']),
    capturesSchema,
    capturesTable: (schema, table) => capturesSchema(schema) && tableFilter(`${schema}.${table}`),
    capturesColumn: (schema, table, column) => columnFilter(`${schema}.${table}.${column}`),
    capturesMessagePrefix: includeExclude(
      config['message.prefix.include.list'],
      config['message.prefix.exclude.list'],
    ),
    snapshotsTable: (schema, table) => snapshotFilter(`${schema}.${table}`),
    keyColumns: parseKeyColumns(config['message.key.columns'] ?? '') ?? [],
    masks: columnMaskRules(raw).rules,
    propagatesType: (column, type) => propagatesColumn(column) || propagatesDatatype(type),
    skipped,
    publish: publishList(raw['skipped.operations'] === undefined ? new Set() : skipped),
    schemaNames: adjustment(config['schema.name.adjustment.mode']),
    fieldNames: adjustment(config['field.name.adjustment.mode']),
    selectOverrides: selectOverrides(raw, config['snapshot.select.statement.overrides'] ?? []),
    hasTransforms: (raw['transforms'] ?? '').trim() !== '',
    queueBytesMax:
      config['max.queue.size.in.bytes'] === 0
        ? QUEUE_BYTES_DEFAULT
        : config['max.queue.size.in.bytes'],
    address: `${config['database.hostname']}:${config['database.port']}`,
  };
}

/** Rules that span fields; single ones are in `fields.ts`. */
export function crossFieldProblems(raw: ComponentConfig): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [...columnMaskRules(raw).problems];
  for (const kind of ['schema', 'table', 'column', 'message.prefix']) {
    const exclude = `${kind}.exclude.list`;
    if (isGiven(raw[`${kind}.include.list`]) && isGiven(raw[exclude]))
      problems.push({
        key: exclude,
        message: `"${exclude}" can't be used together with "${kind}.include.list"`,
      });
  }
  const skipped = (raw['skipped.operations'] ?? '').split(',').map((operation) => operation.trim());
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
  if (isGiven(raw['database.sslcert']) !== isGiven(raw['database.sslkey']))
    problems.push({
      key: 'database.sslkey',
      message: '"database.sslcert" and "database.sslkey" belong together',
    });
  return problems;
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

function valueSettings(config: Resolved<typeof fields>): ValueSettings {
  const placeholder = config['unavailable.value.placeholder'];
  const placeholderBytes = placeholder.startsWith('hex:')
    ? Buffer.from(placeholder.slice(4).replaceAll(/[ _-]/g, ''), 'hex')
    : Buffer.from(placeholder);
  return {
    decimalMode: config['decimal.handling.mode'],
    timeMode: config['time.precision.mode'],
    binaryMode: config['binary.handling.mode'],
    hstoreMode: config['hstore.handling.mode'],
    intervalMode: config['interval.handling.mode'],
    moneyFractionDigits: config['money.fraction.digits'],
    includeUnknown: config['include.unknown.datatypes'],
    onUnrepresentable:
      config['event.converting.failure.handling.mode'] === 'fail' ? 'fail' : 'null',
    placeholderBytes,
    placeholderText: placeholderBytes.toString(),
  };
}

function snapshotModeOf(mode: string): SnapshotMode {
  const lower = mode.toLowerCase();
  switch (lower) {
    case 'always':
    case 'initial_only':
    case 'when_needed':
      return lower;
    case 'no_data':
    case 'never':
      return 'no_data';
    default:
      return 'initial';
  }
}

function adjustment(mode: string): NameAdjustment {
  return mode === 'avro' || mode === 'avro_unicode' ? mode : 'none';
}

function publishList(skipped: ReadonlySet<string>): string {
  const operations = { insert: 'c', update: 'u', delete: 'd', truncate: 't' };
  return Object.entries(operations)
    .filter(([, operation]) => !skipped.has(operation))
    .map(([name]) => name)
    .join(', ');
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
