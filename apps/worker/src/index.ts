export type { MillraceWorker, PartOptions } from './compose.ts';
export { configFromEnvironment, type ConfigWarning, type ServerSettings } from './config.ts';
export { createLogger, type LeveledLogger, type LoggerOptions } from './logger.ts';
export { shippedPlugins } from './plugins.ts';
export { loadSettings, resolveSettings, startWorker } from './start-worker.ts';
