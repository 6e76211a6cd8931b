import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { MillraceError } from '@millrace/foundation';
import type { CliIo } from './cli-io.ts';
import { isClientCommand, runClientCommand } from './client-commands.ts';
import { badUsage } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { reportProblems } from './problems.ts';
import { start } from './start.ts';
import { USAGE } from './usage.ts';

const OPTIONS = {
  config: { type: 'string' },
  set: { type: 'string', multiple: true },
  url: { type: 'string' },
  json: { type: 'boolean' },
  failed: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const satisfies ParseArgsConfig['options'];

/** Runs one command and returns the exit code; it never throws for what a user can mend. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return reportProblems([error], io);
  }
}

async function dispatch(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  const { values, positionals } = readArguments(argv);
  const [command, ...operands] = positionals;
  if (values.version === true) {
    io.out(`millrace ${ownVersion()}`);
    return EXIT.done;
  }
  if (values.help === true || command === 'help') {
    io.out(USAGE);
    return EXIT.done;
  }
  if (command === undefined) throw badUsage('a command is missing');
  if (command === 'start') {
    refuse(values, ['url', 'json', 'failed'], command);
    return start({ config: values.config, set: values.set ?? [], connectorFiles: operands }, io);
  }
  if (!isClientCommand(command)) throw badUsage(`"${command}" is not a command`);
  refuse(values, ['config', 'set'], command);
  return runClientCommand(command, operands, {
    url: values.url ?? 'http://127.0.0.1:8083',
    json: values.json ?? false,
    failed: values.failed ?? false,
    io,
  });
}

type Arguments = ReturnType<typeof readArguments>;

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw badUsage(error instanceof Error ? error.message : String(error));
  }
}

function refuse(
  values: Arguments['values'],
  names: readonly (keyof typeof OPTIONS)[],
  command: string,
): void {
  const given = names.filter((name) => values[name] !== undefined);
  if (given.length > 0) throw badUsage(`--${given.join(', --')} does not go with "${command}"`);
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? manifest.version
      : '';
  return String(version);
}
