import type { ConfigProblem, Fields } from '@millrace/config';
import type { AlteredSinkOffset, ComponentConfig, SinkConnector } from '@millrace/connector-api';
import { must, silentLogger, systemClock, type Clock } from '@millrace/foundation';
import type { Dialect } from './dialect/dialect.ts';
import { mysqlDialect } from './dialect/mysql/mysql.ts';
import { postgresDialect } from './dialect/postgres/postgres.ts';
import { confluentFields, debeziumFields } from './fields.ts';
import { confluentSettings, debeziumSettings } from './settings-from.ts';
import { settingProblems, type Settings } from './settings.ts';
import { JdbcSinkTask } from './task.ts';

interface SinkOptions {
  readonly name: string;
  readonly javaClass: string;
  readonly fields: Fields;
  readonly settingsFrom: (config: ComponentConfig) => Settings;
}

/** By the subprotocol of the URL; parsing has refused all others. */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  postgresql: postgresDialect,
  mysql: mysqlDialect,
  mariadb: mysqlDialect,
};

const dialectOf = (settings: Settings): Dialect =>
  must(DIALECTS[settings.url.subprotocol], 'parsing the URL refuses other databases');

function jdbcSink(options: SinkOptions, clock: Clock = systemClock): SinkConnector {
  const { settingsFrom } = options;
  return {
    kind: 'sink',
    name: options.name,
    javaClasses: [options.javaClass],
    version: '0.1.0',
    fields: options.fields,
    taskConfigs: (config, tasksMax) =>
      Promise.resolve(Array.from({ length: tasksMax }, () => config)),
    createTask: () => new JdbcSinkTask({ settingsFrom, dialectOf }),
    rules: (config) => settingProblems(settingsFrom(config)),
    alterOffsets: (config, offsets, signal) =>
      alterOffsets(settingsFrom(config), config, offsets, clock, signal),
    validate: async (config, signal) => validate(settingsFrom(config), clock, signal),
  };
}

/** Only where offsets are stored in the target is there anything to do beside the group's. */
async function alterOffsets(
  settings: Settings,
  config: ComponentConfig,
  offsets: readonly AlteredSinkOffset[],
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  if (!settings.isExactlyOnce) return false;
  const connector = must(config['name'], 'a connector has a name');
  const ports = { settings, clock, log: silentLogger, applicationName: 'millrace', connector };
  const writer = dialectOf(settings).open(ports);
  try {
    await writer.alter(offsets, signal);
    return true;
  } finally {
    await writer.close();
  }
}

async function validate(
  settings: Settings,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly ConfigProblem[]> {
  const problems = settingProblems(settings);
  // Without a user or a database there is nothing to try.
  if (problems.some(({ key }) => key.startsWith('connection.'))) return problems;
  const ports = {
    settings,
    clock,
    log: silentLogger,
    applicationName: 'millrace validate',
    connector: '',
  };
  return [...problems, ...(await dialectOf(settings).check(ports, signal))];
}

/** `io.debezium.connector.jdbc.JdbcSinkConnector`, with Debezium's keys. */
export const debeziumJdbcSink: SinkConnector = jdbcSink({
  name: 'jdbc-sink',
  javaClass: 'io.debezium.connector.jdbc.JdbcSinkConnector',
  fields: debeziumFields,
  settingsFrom: debeziumSettings,
});

/** `io.confluent.connect.jdbc.JdbcSinkConnector`, with Confluent's keys. */
export const confluentJdbcSink: SinkConnector = jdbcSink({
  name: 'confluent-jdbc-sink',
  javaClass: 'io.confluent.connect.jdbc.JdbcSinkConnector',
  fields: confluentFields,
  settingsFrom: confluentSettings,
});
