export type { CliIo } from './cli-io.ts';
export { runCli } from './cli.ts';
export { EXIT, type ExitCode } from './exit-codes.ts';
