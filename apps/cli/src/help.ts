import { COMMAND_GROUPS, familyOf } from './commands/all-commands.ts';
import type { Command } from './commands/command.ts';
import { OPTIONS, type OptionName } from './options.ts';

const EXIT_CODES =
  'Exit codes: 0 done, 1 failed, 2 bad usage or configuration (every problem is listed).';

/** All commands, one line each. */
export function overview(): string {
  const lines = COMMAND_GROUPS.flatMap(({ title, commands }) => [
    '',
    `${title}:`,
    ...linesOf(commands),
  ]);
  return [
    'millrace - Kafka Connect and a Kafka-protocol log in one process',
    ...lines,
    '',
    'millrace COMMAND --help tells more. --json prints JSON in place of tables; --url URL (or MILLRACE_URL)',
    'names the worker, --bootstrap HOST:PORT the log.',
    '',
    EXIT_CODES,
  ].join('\n');
}

export function helpOfFamily(word: string): string {
  return [...linesOf(familyOf(word)), '', EXIT_CODES].join('\n');
}

export function helpOf(command: Command): string {
  const usage = ['millrace', command.name, '[OPTION ...]', command.operands ?? ''].join(' ').trim();
  const rows = ([...command.options, 'help'] as const).map((name) => [
    optionText(name),
    OPTIONS[name].help,
  ]);
  return [
    usage,
    '',
    capitalised(command.summary),
    ...(command.details === undefined ? [] : ['', command.details]),
    '',
    'Options:',
    ...aligned(rows),
    '',
    EXIT_CODES,
  ].join('\n');
}

function linesOf(commands: readonly Command[]): readonly string[] {
  return aligned(
    commands.map(({ name, operands, summary }) => [
      `millrace ${name} ${operands ?? ''}`.trim(),
      summary,
    ]),
  );
}

function optionText(name: OptionName): string {
  const option = OPTIONS[name];
  const short = 'short' in option ? `-${option.short}, ` : '';
  return `${short}--${name}${'value' in option ? ` ${option.value}` : ''}`;
}

/** Two columns with one width for all commands, so that the groups line up. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(38)}  ${right}`);
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
