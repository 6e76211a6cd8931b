import { parseArgs } from 'node:util';
import { nearestName } from '@millrace/config';
import { MillraceError } from '@millrace/foundation';
import type { CliIo } from './cli-io.ts';
import { familyOf, findCommand, nearestCommand, type Found } from './commands/all-commands.ts';
import { workerUrl } from './config.ts';
import { badUsage } from './errors.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { helpOf, helpOfFamily, overview } from './help.ts';
import { OPTIONS, type OptionName, type OptionValues } from './options.ts';
import { ownVersion } from './own-version.ts';
import { reportProblems } from './problems.ts';
import { RestClient } from './rest-client.ts';
import { workerAccess } from './worker-access.ts';

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
  const { options, words } = readArguments(argv);
  if (options.version === true) return say(io, `millrace ${ownVersion()}`);
  const asked = words[0] === 'help' ? words.slice(1) : words;
  if (options.help === true || words[0] === 'help') return say(io, helpFor(asked));
  const found = findCommand(words);
  if (found === undefined) throw unknownCommand(words);
  checkOptions(found, options);
  checkOperands(found);
  const rest = new RestClient(options.url ?? workerUrl(), () => workerAccess(options));
  return found.command.run({ operands: found.operands, options, rest, io });
}

function say(io: CliIo, text: string): ExitCode {
  io.out(text);
  return EXIT.done;
}

/** Of a command, of a family of commands, or of all. */
function helpFor(words: readonly string[]): string {
  const [first] = words;
  if (first === undefined) return overview();
  const found = findCommand(words);
  // "migrate" is a command and has a family.
  const isFamily = words.length === 1 && familyOf(first).length > 0;
  if (isFamily && found?.command.name !== first) return helpOfFamily(first);
  if (found === undefined) throw unknownCommand(words);
  return helpOf(found.command);
}

function unknownCommand(words: readonly string[]): MillraceError {
  const [first] = words;
  if (first === undefined) return badUsage('a command is missing');
  const family = familyOf(first);
  const typed = family.length > 0 ? words.slice(0, 2).join(' ') : first;
  const nearest = nearestCommand(words);
  const hint =
    nearest !== undefined
      ? `did you mean "millrace ${nearest}"? See millrace --help`
      : family.length > 0
        ? `there are ${family.map(({ name }) => `"${name}"`).join(', ')}`
        : undefined;
  return badUsage(`"${typed}" is not a command`, hint);
}

interface Arguments {
  readonly options: OptionValues;
  readonly words: readonly string[];
}

/** What Kafka's own tools call it. */
const KAFKAS_OPTIONS: ReadonlyMap<string, string> = new Map([
  ['bootstrap-server', 'bootstrap'],
  ['from-beginning', 'from earliest'],
  ['max-messages', 'limit'],
  ['offset', 'from'],
]);

function readArguments(argv: readonly string[]): Arguments {
  try {
    const { values, positionals } = parseArgs({
      args: joinNegatives(argv),
      options: OPTIONS,
      allowPositionals: true,
    });
    return { options: values, words: positionals };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /Unknown option '(--[^']+)'/.exec(message)?.[1];
    const nearest =
      unknown === undefined
        ? undefined
        : (KAFKAS_OPTIONS.get(unknown.slice(2)) ??
          nearestName(unknown.slice(2), Object.keys(OPTIONS)));
    throw badUsage(
      unknown === undefined ? message : `there is no option "${unknown}"`,
      nearest === undefined ? undefined : `did you mean "--${nearest}"? See millrace --help`,
    );
  }
}

/** `--from -10`: parseArgs takes a value that begins with a hyphen only when it is joined. */
function joinNegatives(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const argument of argv) {
    if (joined.at(-1) === '--from' && /^-\d+$/.test(argument)) joined.pop();
    else {
      joined.push(argument);
      continue;
    }
    joined.push(`--from=${argument}`);
  }
  return joined;
}

function checkOptions({ command }: Found, options: OptionValues): void {
  const given = Object.keys(options);
  const foreign = given.filter((name) => !command.options.some((own: OptionName) => own === name));
  if (foreign.length === 0) return;
  throw badUsage(
    `--${foreign.join(', --')} does not go with "${command.name}"`,
    `see millrace ${command.name} --help`,
  );
}

function checkOperands({ command, operands }: Found): void {
  const { name, least = 0, most = 0 } = command;
  const hint = `see millrace ${name} --help`;
  if (operands.length < least) throw badUsage(`"${name}" needs ${command.operands ?? ''}`, hint);
  if (operands.length > most)
    throw badUsage(`"${name}" takes no "${operands.slice(most).join(' ')}"`, hint);
}
