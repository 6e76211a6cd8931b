import {
  atLeast,
  between,
  defineFields,
  each,
  nonEmpty,
  oneOfIgnoringCase,
  validRegex,
  type Validator,
} from '@millrace/config';
import { describeError } from '@millrace/foundation';
import { parseJdbcUrl } from '../jdbc-url.ts';

const isUrl: Validator<string> = (text) => {
  try {
    parseJdbcUrl(text);
    return undefined;
  } catch (error) {
    return describeError(error);
  }
};

const isZone: Validator<string> = (zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return undefined;
  } catch {
    return `must be a time zone such as UTC or Europe/Zurich, not "${zone}"`;
  }
};

export const MODES = ['bulk', 'timestamp', 'incrementing', 'timestamp+incrementing'] as const;
export const GRANULARITIES = [
  'connect_logical',
  'micros_long',
  'micros_string',
  'micros_iso_datetime_string',
  'nanos_long',
  'nanos_string',
  'nanos_iso_datetime_string',
] as const;
export const NUMERIC_MAPPINGS = [
  'none',
  'precision_only',
  'best_fit',
  'best_fit_eager_double',
] as const;

const JVM_ONLY = 'Accepted for the JVM connector, without a meaning here.';

/** Keys of `io.confluent.connect.jdbc.JdbcSourceConnector`, with its defaults, and a few of ours. */
export const fields = defineFields({
  'connection.url': {
    type: 'STRING',
    importance: 'HIGH',
    group: 'Database',
    validate: isUrl,
    doc: 'JDBC URL: jdbc:postgresql://host:port/database, jdbc:mysql://… or jdbc:mariadb://…',
  },
  'connection.user': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    group: 'Database',
    doc: 'Database user.',
  },
  'connection.password': {
    type: 'PASSWORD',
    default: null,
    importance: 'HIGH',
    group: 'Database',
    doc: 'Password of the user.',
  },
  'connection.attempts': {
    type: 'INT',
    default: 3,
    importance: 'LOW',
    group: 'Database',
    validate: atLeast(1),
    doc: 'Accepted; the runtime tries again for as long as its own keys say.',
  },
  'connection.backoff.ms': {
    type: 'LONG',
    default: 10_000,
    importance: 'LOW',
    group: 'Database',
    doc: 'Accepted; the runtime waits between attempts as its own keys say.',
  },
  'connection.timeout.ms': {
    type: 'LONG',
    default: 10_000,
    importance: 'LOW',
    group: 'Database',
    validate: atLeast(1),
    doc: 'How long connecting to one host may take.',
  },
  'statement.timeout.ms': {
    type: 'LONG',
    default: 300_000,
    importance: 'LOW',
    group: 'Database',
    validate: atLeast(0),
    doc: 'How long the server may take to answer with the next rows; 0 means no limit.',
  },
  'dialect.name': {
    type: 'STRING',
    default: '',
    importance: 'LOW',
    group: 'Database',
    doc: 'Accepted; the URL says which database it is.',
  },
  'catalog.pattern': {
    type: 'STRING',
    default: null,
    importance: 'MEDIUM',
    group: 'Database',
    doc: 'LIKE pattern of the databases of a MySQL or MariaDB server; without it, the database of the URL, or all but the system’s when it names none.',
  },
  'schema.pattern': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    group: 'Database',
    doc: 'LIKE pattern of the schemas of a PostgreSQL database; without it, all but the system’s.',
  },
  'table.whitelist': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    group: 'Database',
    doc: 'Tables to copy: names, or schema.table (database.table).',
  },
  'table.blacklist': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    group: 'Database',
    doc: 'Tables to leave out: names, or schema.table (database.table).',
  },
  'table.include.list': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    group: 'Database',
    validate: each(validRegex),
    doc: 'Regular expressions of the full names (schema.table, database.table) of tables to copy; case counts.',
  },
  'table.exclude.list': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    group: 'Database',
    validate: each(validRegex),
    doc: 'Regular expressions of the full names of tables to leave out of table.include.list.',
  },
  'table.types': {
    type: 'LIST',
    default: ['TABLE'],
    importance: 'LOW',
    group: 'Database',
    doc: 'TABLE, VIEW, or both; PostgreSQL also has PARTITIONED TABLE, MATERIALIZED VIEW and FOREIGN TABLE.',
  },
  'table.poll.interval.ms': {
    type: 'LONG',
    default: 60_000,
    importance: 'LOW',
    group: 'Database',
    validate: atLeast(1),
    doc: 'How often to look for new and dropped tables.',
  },
  'table.monitoring.startup.polling.limit.ms': {
    type: 'LONG',
    default: 10_000,
    importance: 'LOW',
    group: 'Database',
    doc: JVM_ONLY,
  },
  mode: {
    type: 'STRING',
    importance: 'HIGH',
    group: 'Mode',
    recommended: MODES,
    validate: oneOfIgnoringCase(...MODES),
    doc: 'bulk (everything, each time), incrementing (new rows by a growing number), timestamp (new and changed rows by a time), timestamp+incrementing (both, each row once).',
  },
  'incrementing.column.name': {
    type: 'STRING',
    default: '',
    importance: 'MEDIUM',
    group: 'Mode',
    doc: 'The column whose numbers only grow; empty: the auto-increment or identity column of the table.',
  },
  'incrementing.column.mapping': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    group: 'Mode',
    doc: 'regex1:column1,regex2:column2: by the full name of the table; each must match exactly one.',
  },
  'timestamp.column.name': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    group: 'Mode',
    doc: 'The columns that say when a row was written; of several, the first that is not null counts.',
  },
  'timestamp.columns.mapping': {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    group: 'Mode',
    doc: 'regex1:[column1|column2],regex2:[column3]: by the full name of the table; each must match exactly one.',
  },
  'timestamp.initial': {
    type: 'LONG',
    default: null,
    importance: 'LOW',
    group: 'Mode',
    doc: 'Milliseconds since the epoch from which a table without an offset is read; -1: now; absent: everything.',
  },
  'timestamp.delay.interval.ms': {
    type: 'LONG',
    default: 0,
    importance: 'HIGH',
    group: 'Mode',
    validate: atLeast(0),
    doc: 'Rows younger than this are left for later. Not needed for transactions that commit late (see transaction.wait.max.ms), only for clocks of applications that are behind.',
  },
  'transaction.wait.max.ms': {
    type: 'LONG',
    default: -1,
    importance: 'MEDIUM',
    group: 'Mode',
    validate: atLeast(-1),
    doc: 'A transaction that is open may still commit rows below those that can be seen, so they are read when it has ended. After this time they are read all the same, and rows of that transaction may be missed; -1: never; 0: do not wait at all, as the JVM connector.',
  },
  'validate.non.null': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    group: 'Mode',
    doc: 'Refuses an incrementing column that may be null, and timestamp columns of which none is NOT NULL: such rows would never be read.',
  },
  query: {
    type: 'STRING',
    default: '',
    importance: 'MEDIUM',
    group: 'Mode',
    doc: 'Read this query instead of tables, into the topic topic.prefix. It may have any clauses: it becomes a subquery.',
  },
  'query.masked': {
    type: 'PASSWORD',
    default: null,
    importance: 'MEDIUM',
    group: 'Mode',
    doc: 'As query, and shown to nobody.',
  },
  'query.suffix': {
    type: 'STRING',
    default: '',
    importance: 'LOW',
    group: 'Mode',
    doc: 'Appended to each query. With LIMIT, rows of equal timestamps may be missed.',
  },
  'query.retry.attempts': {
    type: 'INT',
    default: -1,
    importance: 'LOW',
    group: 'Mode',
    doc: 'How often a query that a passing fault broke is tried again before the task fails; -1: for ever.',
  },
  'quote.sql.identifiers': {
    type: 'STRING',
    default: 'always',
    importance: 'MEDIUM',
    group: 'Mode',
    validate: oneOfIgnoringCase('always', 'never'),
    doc: 'Whether names of tables and columns are quoted.',
  },
  'transaction.isolation.mode': {
    type: 'STRING',
    default: 'DEFAULT',
    importance: 'LOW',
    group: 'Mode',
    validate: oneOfIgnoringCase(
      'DEFAULT',
      'READ_UNCOMMITTED',
      'READ_COMMITTED',
      'REPEATABLE_READ',
      'SERIALIZABLE',
      'SQL_SERVER_SNAPSHOT',
    ),
    doc: 'Isolation of the reading transaction; DEFAULT: the database’s. What is not committed is never read.',
  },
  'topic.prefix': {
    type: 'STRING',
    importance: 'HIGH',
    group: 'Connector',
    validate: nonEmpty,
    doc: 'A table goes to the topic of this and its name; a query to this.',
  },
  'poll.interval.ms': {
    type: 'INT',
    default: 5000,
    importance: 'HIGH',
    group: 'Connector',
    validate: atLeast(0),
    doc: 'How long to wait after a table was read to its end before it is read again.',
  },
  'batch.max.rows': {
    type: 'INT',
    default: 1000,
    importance: 'LOW',
    group: 'Connector',
    validate: between(1, 100_000),
    doc: 'Rows fetched and handed on at once.',
  },
  'batch.max.bytes': {
    type: 'INT',
    default: 4 * 1024 * 1024,
    importance: 'LOW',
    group: 'Connector',
    validate: atLeast(1024),
    doc: 'Bytes handed on at once; one row may be larger.',
  },
  'max.buffer.size': {
    type: 'INT',
    default: 0,
    importance: 'LOW',
    group: 'Connector',
    doc: JVM_ONLY,
  },
  'poll.linger.ms': {
    type: 'LONG',
    default: 5000,
    importance: 'LOW',
    group: 'Connector',
    doc: JVM_ONLY,
  },
  'db.timezone': {
    type: 'STRING',
    default: 'UTC',
    importance: 'MEDIUM',
    group: 'Connector',
    validate: isZone,
    doc: 'The zone that times without a zone are in.',
  },
  'date.calendar.system': {
    type: 'STRING',
    default: 'LEGACY',
    importance: 'LOW',
    group: 'Connector',
    doc: 'Accepted; dates are always of the proleptic Gregorian calendar.',
  },
  'timestamp.granularity': {
    type: 'STRING',
    default: 'connect_logical',
    importance: 'LOW',
    group: 'Connector',
    recommended: GRANULARITIES,
    validate: oneOfIgnoringCase(...GRANULARITIES),
    doc: 'How timestamps are written. connect_logical drops what is finer than milliseconds.',
  },
  'numeric.mapping': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    group: 'Connector',
    recommended: NUMERIC_MAPPINGS,
    validate: oneOfIgnoringCase(...NUMERIC_MAPPINGS),
    doc: 'How NUMERIC of PostgreSQL is written: none (Decimal), precision_only (integers of up to 18 digits as integers), best_fit (also fractions of up to 18 digits as doubles), best_fit_eager_double (all fractions as doubles).',
  },
  'numeric.precision.mapping': {
    type: 'BOOLEAN',
    default: false,
    importance: 'LOW',
    group: 'Connector',
    doc: 'Older form of numeric.mapping=precision_only.',
  },
  'numeric.unconstrained': {
    type: 'STRING',
    default: 'decimal',
    importance: 'LOW',
    group: 'Connector',
    validate: oneOfIgnoringCase('decimal', 'string', 'double'),
    doc: 'NUMERIC without precision: decimal (scale 0; a row with a fraction fails, where the JVM connector rounds), string or double.',
  },
});
