import type { SourceConnector } from '@millrace/connector-api';
import { connectionProblems } from './check.ts';
import { checkOffsets } from './offset-check.ts';
import { Session } from './connection.ts';
import { fields } from './fields.ts';
import { crossFieldProblems, settingsFrom } from './settings.ts';
import { dropSlot } from './slot.ts';
import { PostgresTask } from './task.ts';
import { VERSION } from './version.ts';

/** Captures the changes of one PostgreSQL database, as Debezium's connector does. */
export const postgresSource: SourceConnector = {
  kind: 'source',
  name: 'postgres',
  javaClasses: ['io.debezium.connector.postgresql.PostgresConnector'],
  version: VERSION,
  fields,
  rules: crossFieldProblems,
  async validate(config, signal) {
    const problems = crossFieldProblems(config);
    return problems.length > 0 ? problems : connectionProblems(settingsFrom(config), signal);
  },
  taskConfigs: (config) => Promise.resolve([config]), // a slot has one reader
  createTask: () => new PostgresTask(),
  exactlyOnceSupport: () => 'supported',
  alterOffsets(_config, offsets) {
    checkOffsets(offsets);
    return Promise.resolve(false); // the slot has a position of its own, which only the server can move
  },
  async onDelete(config, signal) {
    const settings = settingsFrom(config);
    if (!settings.config['millrace.slot.drop.on.delete'] && !settings.config['slot.drop.on.stop'])
      return;
    await using session = await Session.open(settings, 'query', signal);
    await dropSlot(session, settings.config['slot.name']);
  },
};
