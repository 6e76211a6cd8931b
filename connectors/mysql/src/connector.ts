import { defineSource, type SourceConnector } from '@millrace/connector-api';
import { connectionProblems } from './check.ts';
import { mariadbFields, mysqlFields } from './fields.ts';
import { checkOffsets } from './offset-check.ts';
import { crossFieldProblems, settingsFrom, type Flavour } from './settings.ts';
import { BinlogTask } from './task.ts';
import { VERSION } from './version.ts';

function binlogSource(
  flavour: Flavour,
  javaClass: string,
  fields: SourceConnector['fields'],
): SourceConnector {
  return defineSource({
    name: flavour,
    javaClasses: [javaClass],
    version: VERSION,
    fields,
    rules: crossFieldProblems,
    async validate(config, signal) {
      const problems = crossFieldProblems(config);
      return problems.length > 0
        ? problems
        : connectionProblems(settingsFrom(config, flavour), signal);
    },
    createTask: () => new BinlogTask(flavour),
    exactlyOnceSupport: () => 'supported',
    alterOffsets(_config, offsets) {
      checkOffsets(offsets);
      return Promise.resolve(true); // the server keeps no position for us
    },
  });
}

/** Captures the changes of a MySQL server, as Debezium's connector does. */
export const mysqlSource = binlogSource(
  'mysql',
  'io.debezium.connector.mysql.MySqlConnector',
  mysqlFields,
);

/** Captures the changes of a MariaDB server, as Debezium's connector does. */
export const mariadbSource = binlogSource(
  'mariadb',
  'io.debezium.connector.mariadb.MariaDbConnector',
  mariadbFields,
);
