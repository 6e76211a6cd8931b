export { configFromEnvironment, type ConfigWarning, type ServerSettings } from './config.ts';
export { createLogger, type LoggerOptions } from './logger.ts';
