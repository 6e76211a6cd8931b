export type { MillraceWorker, PartOptions } from './compose.ts';
export { configFromEnvironment, type ConfigWarning, type ServerSettings } from './config.ts';
export { createLogger, type LeveledLogger, type LoggerOptions } from './logger.ts';
export { loadPlugins, type LoadedPlugins, type LoadOptions } from './plugins/load-plugins.ts';
export { shippedPlugins } from './plugins/shipped-plugins.ts';
export { loadSettings, resolveSettings, startWorker } from './start-worker.ts';
