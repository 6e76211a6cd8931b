import { resolveConfig } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { confluentFields, debeziumFields } from './fields.ts';
import { parseJdbcUrl } from '../jdbc-url.ts';
import type { InsertMode, KeyMode, Settings } from './settings.ts';

const INSERT_MODES: Readonly<Record<string, InsertMode>> = {
  insert: 'insert',
  upsert: 'upsert',
  update: 'update',
};
const KEY_MODES: Readonly<Record<string, KeyMode>> = {
  none: 'none',
  kafka: 'kafka',
  record_key: 'record_key',
  record_value: 'record_value',
  record_header: 'record_header',
};

/** @throws ConfigError with all problems of single fields */
export function debeziumSettings(config: ComponentConfig): Settings {
  const values = resolveConfig(debeziumFields, config, 'the JDBC sink');
  const evolves = values['schema.evolution'].toLowerCase() === 'basic';
  return {
    ...commonSettings(values),
    flavour: 'debezium',
    user: values['connection.username'],
    truncates: values['truncate.enabled'],
    createTables: evolves,
    addColumns: evolves,
    keyMode: KEY_MODES[values['primary.key.mode'].toLowerCase()] ?? 'none',
    keyFields: values['primary.key.fields'],
    tableFormat: values['collection.name.format'],
    isFieldIncluded: fieldFilter(values['field.include.list'], values['field.exclude.list']),
    quoteIdentifiers: values['quote.identifiers'],
    retriesMax: values['flush.max.retries'],
    retryDelayMaxMs: values['flush.retry.delay.ms'],
    keys: {
      user: 'connection.username',
      keyMode: 'primary.key.mode',
      keyFields: 'primary.key.fields',
      createTables: 'schema.evolution=basic',
      addColumns: 'schema.evolution=basic',
      tableFormat: 'collection.name.format',
    },
  };
}

/** @throws ConfigError with all problems of single fields */
export function confluentSettings(config: ComponentConfig): Settings {
  const values = resolveConfig(confluentFields, config, 'the JDBC sink');
  return {
    ...commonSettings(values),
    flavour: 'confluent',
    user: values['connection.user'],
    truncates: false,
    createTables: values['auto.create'],
    addColumns: values['auto.evolve'],
    keyMode: KEY_MODES[values['pk.mode'].toLowerCase()] ?? 'none',
    keyFields: values['pk.fields'],
    tableFormat: values['table.name.format'],
    isFieldIncluded: fieldFilter(values['fields.whitelist'], []),
    quoteIdentifiers: values['quote.sql.identifiers'].toLowerCase() === 'always',
    retriesMax: values['max.retries'],
    retryDelayMaxMs: values['retry.backoff.ms'],
    keys: {
      user: 'connection.user',
      keyMode: 'pk.mode',
      keyFields: 'pk.fields',
      createTables: 'auto.create=true',
      addColumns: 'auto.evolve=true',
      tableFormat: 'table.name.format',
    },
  };
}

type CommonKey =
  | 'connection.url'
  | 'connection.password'
  | 'insert.mode'
  | 'delete.enabled'
  | 'batch.size'
  | 'statement.timeout.ms'
  | 'connection.timeout.ms'
  | 'millrace.exactly.once'
  | 'millrace.exactly.once.table'
  | 'millrace.source.time.precision.mode'
  | 'millrace.source.decimal.handling.mode'
  | 'millrace.source.binary.handling.mode'
  | 'millrace.source.json.texts';

function commonSettings(
  values: Pick<ReturnType<typeof resolveConfig<typeof debeziumFields>>, CommonKey>,
) {
  const lower = (text: string | null): string | null => text?.toLowerCase() ?? null;
  return {
    url: parseJdbcUrl(values['connection.url']),
    password: values['connection.password'],
    insertMode: INSERT_MODES[values['insert.mode'].toLowerCase()] ?? 'insert',
    deletes: values['delete.enabled'],
    rowsMax: values['batch.size'],
    statementTimeoutMs: values['statement.timeout.ms'],
    connectTimeoutMs: values['connection.timeout.ms'],
    isExactlyOnce: values['millrace.exactly.once'],
    offsetsTable: values['millrace.exactly.once.table'],
    hints: {
      timePrecisionMode: lower(values['millrace.source.time.precision.mode']),
      decimalHandlingMode: lower(values['millrace.source.decimal.handling.mode']),
      binaryHandlingMode: lower(values['millrace.source.binary.handling.mode']),
      hasJsonTexts: values['millrace.source.json.texts'],
    },
  };
}

function fieldFilter(
  included: readonly string[],
  excluded: readonly string[],
): Settings['isFieldIncluded'] {
  const include = new Set(included);
  const exclude = new Set(excluded);
  return (topic, field) => {
    const isNamed = (names: ReadonlySet<string>): boolean =>
      names.has(field) || names.has(`${topic}:${field}`);
    return (include.size === 0 || isNamed(include)) && !isNamed(exclude);
  };
}
