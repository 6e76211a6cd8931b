import { start } from '../start.ts';
import type { Command } from './command.ts';

export const startCommand: Command = {
  name: 'start',
  operands: '[CONNECTOR-FILE ...]',
  most: Infinity,
  summary: 'runs a worker until SIGTERM or Ctrl-C',
  details: `FILE has Kafka Connect's worker keys, and broker keys under "broker."; it, and connector files, are
.properties, .json or .yaml. Later wins: FILE, environment variables (MILLRACE_DATA_DIR is data.dir), --set.
Connectors named by CONNECTOR-FILE are created, or updated if they exist. Without bootstrap.servers the embedded
log is used. One line on standard output says that the worker is ready; logs go to standard error.`,
  options: ['config', 'set'],
  run: ({ operands, options, io }) =>
    start({ config: options.config, set: options.set ?? [], connectorFiles: operands }, io),
};
