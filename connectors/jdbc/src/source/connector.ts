import type { ConfigProblem } from '@millrace/config';
import type { ComponentConfig, SourceConnector } from '@millrace/connector-api';
import { describeError, silentLogger, systemClock, systemRandom } from '@millrace/foundation';
import { databaseOf } from './database.ts';
import { fields } from './fields.ts';
import { querySubject, shapeOf, tableSubject } from './plan.ts';
import { checkAltered } from './position.ts';
import { isWanted } from './selection.ts';
import type { SourceSession } from './session.ts';
import { settingProblems, settingsFrom, usesIncrementing, type Settings } from './settings.ts';
import { JdbcSourceTask, TASK_KEYS } from './task.ts';

/** Of each problem that tables have, so many are named. */
const TABLES_NAMED_MAX = 20;

/** `io.confluent.connect.jdbc.JdbcSourceConnector`, with Confluent's keys, records and offsets. */
export const jdbcSource: SourceConnector = {
  kind: 'source',
  name: 'jdbc-source',
  javaClasses: ['io.confluent.connect.jdbc.JdbcSourceConnector'],
  version: '0.1.0',
  fields,
  taskConfigs: (config, tasksMax) =>
    Promise.resolve(
      Array.from({ length: isQuery(config) ? 1 : tasksMax }, (_, index) => ({
        ...config,
        [TASK_KEYS.index]: String(index),
        [TASK_KEYS.count]: String(isQuery(config) ? 1 : tasksMax),
      })),
    ),
  createTask: () => new JdbcSourceTask(),
  rules: (config) => settingProblems(settingsFrom(config)),
  validate: async (config, signal) => {
    const settings = settingsFrom(config);
    const problems = settingProblems(settings);
    return problems.length > 0 ? problems : databaseProblems(settings, signal);
  },
  // Rows of one timestamp have one offset, and a whole table has none: a restart hands them on again.
  exactlyOnceSupport: (config) =>
    usesIncrementing(settingsFrom(config)) ? 'supported' : 'unsupported',
  alterOffsets(_config, offsets) {
    for (const { partition, offset } of offsets) checkAltered(partition, offset);
    return Promise.resolve(true);
  },
};

const isQuery = (config: ComponentConfig): boolean =>
  [config['query'], config['query.masked']].some((text) => (text ?? '').trim() !== '');

async function databaseProblems(
  settings: Settings,
  signal: AbortSignal,
): Promise<readonly ConfigProblem[]> {
  const { connection } = settings;
  let session: SourceSession;
  try {
    session = await databaseOf(connection.url.subprotocol).open({
      settings: connection,
      clock: systemClock,
      random: systemRandom,
      log: silentLogger,
      applicationName: 'millrace validate',
      signal,
    });
  } catch (error) {
    return [{ key: 'connection.url', message: describeError(error) }];
  }
  try {
    return await subjectProblems(settings, session);
  } catch (error) {
    return [
      { key: settings.query === null ? 'connection.url' : 'query', message: describeError(error) },
    ];
  } finally {
    await session.close();
  }
}

async function subjectProblems(
  settings: Settings,
  session: SourceSession,
): Promise<readonly ConfigProblem[]> {
  const { words } = databaseOf(settings.connection.url.subprotocol);
  if (settings.mode === 'bulk' && settings.query === null) return [];
  const { catalogPattern, schemaPattern, tableTypes: types } = settings;
  const subjects =
    settings.query === null
      ? (await session.tables({ catalogPattern, schemaPattern, types }))
          .filter((table) => isWanted(table, settings))
          .map((table) => tableSubject(table, settings, words))
      : [querySubject(settings.query, settings)];
  const problems: ConfigProblem[] = [];
  for (const subject of subjects) {
    const columns = await session.describe(subject.from);
    try {
      shapeOf(subject, columns, settings);
    } catch (error) {
      problems.push({ key: 'mode', message: describeError(error) });
    }
    if (problems.length >= TABLES_NAMED_MAX) break;
  }
  return problems;
}
