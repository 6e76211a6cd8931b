import { describeError } from '@millrace/foundation';
import {
  atLeast,
  defineFields,
  nonEmpty,
  oneOfIgnoringCase,
  type Validator,
} from '@millrace/config';
import { confluentAcceptedFields, debeziumAcceptedFields } from './fields-accepted.ts';
import { parseJdbcUrl } from '../jdbc-url.ts';

const isUrl: Validator<string> = (text) => {
  try {
    parseJdbcUrl(text);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
};

const INSERT_MODES = ['insert', 'upsert', 'update'] as const;

/** Rows of one statement at most; a `put` is one transaction whatever this says. */
const ROWS_MAX_DEFAULT = 5000;

const SCHEMALESS = 'JSON without schemas only';

/** Keys of ours, the same for both flavours. */
const ownFields = defineFields({
  'statement.timeout.ms': {
    type: 'LONG',
    default: 300_000,
    validate: atLeast(0),
    importance: 'LOW',
    doc: 'A statement that takes longer is cancelled and tried again; 0 means no limit.',
  },
  'connection.timeout.ms': {
    type: 'LONG',
    default: 10_000,
    validate: atLeast(1),
    importance: 'LOW',
    doc: 'How long connecting to one host may take.',
  },
  'millrace.exactly.once': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Stores offsets in the target, in the transaction of the rows, and goes on from there: each record is written once, whatever is killed when, in each insert.mode.',
  },
  'millrace.exactly.once.table': {
    type: 'STRING',
    default: 'millrace_sink_offsets',
    validate: nonEmpty,
    importance: 'LOW',
    doc: 'The table for these offsets; it is created when it is missing.',
  },
  'millrace.source.time.precision.mode': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    validate: oneOfIgnoringCase(
      'adaptive',
      'adaptive_time_microseconds',
      'connect',
      'isostring',
      'microseconds',
      'nanoseconds',
    ),
    doc: `${SCHEMALESS}: the time.precision.mode of the source, which tells what a number for a time or timestamp column counts. Without it such numbers are refused. "adaptive" goes by the precision of the target column.`,
  },
  'millrace.source.decimal.handling.mode': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    validate: oneOfIgnoringCase('precise', 'string', 'double'),
    doc: `${SCHEMALESS}: the decimal.handling.mode of the source. "precise" reads base64 text with the scale of the target column; without it base64 is refused for numeric columns.`,
  },
  'millrace.source.binary.handling.mode': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    validate: oneOfIgnoringCase('bytes', 'base64', 'base64-url-safe', 'hex'),
    doc: `${SCHEMALESS}: the binary.handling.mode of the source, which tells how text for a bytea column is read. Without it, text that is base64 and not hexadecimal is taken as base64, and what could be both is refused.`,
  },
  'millrace.source.json.texts': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Texts for a JSON column of PostgreSQL are JSON already, as those of MariaDB are, which keeps JSON as text. Without it a text without the name io.debezium.data.Json becomes a JSON string.',
  },
});

const insertMode = {
  type: 'STRING',
  default: 'insert',
  importance: 'HIGH',
  validate: oneOfIgnoringCase(...INSERT_MODES),
  doc: 'insert, upsert (insert or update by key) or update.',
} as const;

const deleteEnabled = {
  type: 'BOOLEAN',
  default: false,
  importance: 'MEDIUM',
  doc: 'Whether a delete event or a null value deletes the row with the key of the record.',
} as const;

const url = {
  type: 'STRING',
  importance: 'HIGH',
  validate: isUrl,
  doc: 'JDBC URL: jdbc:postgresql://host:port/database?sslmode=…&currentSchema=…, jdbc:mysql://host:port/database?sslMode=…, or jdbc:mariadb://…',
} as const;

const rowsMax = {
  type: 'INT',
  default: ROWS_MAX_DEFAULT,
  validate: atLeast(1),
  importance: 'MEDIUM',
  doc: 'Rows of one statement at the most. All records given at once are one transaction.',
} as const;

/** Keys of `io.debezium.connector.jdbc.JdbcSinkConnector`. */
export const debeziumFields = defineFields({
  'connection.url': url,
  'connection.username': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    aliases: ['connection.user'],
    doc: 'Database user.',
  },
  'connection.password': {
    type: 'PASSWORD',
    default: null,
    importance: 'HIGH',
    doc: 'Password of the user.',
  },
  'insert.mode': insertMode,
  'delete.enabled': deleteEnabled,
  'truncate.enabled': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether a truncate event (op t) truncates the target table.',
  },
  'schema.evolution': {
    type: 'STRING',
    default: 'none',
    importance: 'MEDIUM',
    validate: oneOfIgnoringCase('none', 'basic', 'validate-only'),
    doc: 'basic creates missing tables and adds missing columns; none and validate-only change nothing.',
  },
  'primary.key.mode': {
    type: 'STRING',
    default: 'none',
    importance: 'HIGH',
    aliases: ['pk.mode'],
    validate: oneOfIgnoringCase('none', 'kafka', 'record_key', 'record_value', 'record_header'),
    doc: 'Where the key columns come from.',
  },
  'primary.key.fields': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    aliases: ['pk.fields'],
    doc: 'The key columns; for a record key all its fields by default.',
  },
  'collection.name.format': {
    type: 'STRING',
    default: '${topic}',
    validate: nonEmpty,
    importance: 'MEDIUM',
    aliases: ['table.name.format'],
    doc: 'Target table, with ${topic} (dots become _) and ${source.schema}, ${source.table} … of the change event.',
  },
  'field.include.list': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'The only fields written, as field or topic:field; key columns always are.',
  },
  'field.exclude.list': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Fields not written, as field or topic:field.',
  },
  'quote.identifiers': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    doc: 'Whether names keep their letter case; otherwise they are folded to lower case as the server does.',
  },
  'use.time.zone': {
    type: 'STRING',
    default: 'UTC',
    importance: 'LOW',
    aliases: ['database.time_zone'],
    validate: oneOfIgnoringCase('UTC', 'Z', 'GMT', 'Etc/UTC'),
    doc: 'Zone of times without one; only UTC, which is what the change events hold.',
  },
  'batch.size': rowsMax,
  'use.reduction.buffer': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Accepted; one final state per key is always what is written in upsert and update mode.',
  },
  'flush.max.retries': {
    type: 'INT',
    default: 5,
    validate: atLeast(0),
    importance: 'LOW',
    doc: 'How often a batch is tried again on a passing error before the runtime is told.',
  },
  'flush.retry.delay.ms': {
    type: 'LONG',
    default: 1000,
    validate: atLeast(0),
    importance: 'LOW',
    doc: 'The longest wait between such attempts.',
  },
  ...debeziumAcceptedFields,
  ...ownFields,
});

/** Keys of `io.confluent.connect.jdbc.JdbcSinkConnector`. */
export const confluentFields = defineFields({
  'connection.url': url,
  'connection.user': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    aliases: ['connection.username'],
    doc: 'Database user.',
  },
  'connection.password': {
    type: 'PASSWORD',
    default: null,
    importance: 'HIGH',
    doc: 'Password of the user.',
  },
  'dialect.name': {
    type: 'STRING',
    default: '',
    importance: 'LOW',
    validate: oneOfIgnoringCase(
      '',
      'PostgreSqlDatabaseDialect',
      'MySqlDatabaseDialect',
      'MariaDbDatabaseDialect',
    ),
    doc: 'By default told by the URL.',
  },
  'insert.mode': insertMode,
  'batch.size': rowsMax,
  'delete.enabled': deleteEnabled,
  'table.name.format': {
    type: 'STRING',
    default: '${topic}',
    validate: nonEmpty,
    importance: 'MEDIUM',
    aliases: ['collection.name.format'],
    doc: 'Target table, with ${topic}, and ${source.schema}, ${source.table} … of a change event. Dots divide schema and table.',
  },
  'pk.mode': {
    type: 'STRING',
    default: 'none',
    importance: 'HIGH',
    aliases: ['primary.key.mode'],
    validate: oneOfIgnoringCase('none', 'kafka', 'record_key', 'record_value', 'record_header'),
    doc: 'Where the key columns come from.',
  },
  'pk.fields': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    aliases: ['primary.key.fields'],
    doc: 'The key columns; for a record key all its fields by default.',
  },
  'fields.whitelist': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'The only fields written; key columns always are.',
  },
  'auto.create': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether missing tables are created.',
  },
  'auto.evolve': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether missing columns are added.',
  },
  'quote.sql.identifiers': {
    type: 'STRING',
    default: 'always',
    importance: 'LOW',
    validate: oneOfIgnoringCase('always', 'never'),
    doc: 'never folds names to lower case as the server does.',
  },
  'db.timezone': {
    type: 'STRING',
    default: 'UTC',
    importance: 'LOW',
    validate: oneOfIgnoringCase('UTC', 'Z', 'GMT', 'Etc/UTC'),
    doc: 'Zone of times without one; only UTC.',
  },
  'max.retries': {
    type: 'INT',
    default: 10,
    validate: atLeast(0),
    importance: 'MEDIUM',
    doc: 'How often a batch is tried again on a passing error before the runtime is told.',
  },
  'retry.backoff.ms': {
    type: 'INT',
    default: 3000,
    validate: atLeast(0),
    importance: 'MEDIUM',
    doc: 'The longest wait between such attempts.',
  },
  ...confluentAcceptedFields,
  ...ownFields,
});
