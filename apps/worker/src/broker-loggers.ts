import type { BrokerLoggers } from '@millrace/broker';
import { levelNamed, type LogLevels } from './log-levels.ts';
import { LOGGER_NAMES } from './logger.ts';

/** The same levels as at `/admin/loggers`, for tools that speak Kafka's protocol. */
export function brokerLoggers(levels: LogLevels): BrokerLoggers {
  return {
    list: () => {
      const names = [...new Set([...LOGGER_NAMES, ...Object.keys(levels.list())])].sort();
      return Object.fromEntries(names.map((name) => [name, levels.levelOf(name)]));
    },
    set: (name, level) => {
      const named = level === undefined ? undefined : levelNamed(level);
      if (named === undefined) levels.clear(name);
      else levels.set(name, named);
    },
  };
}
