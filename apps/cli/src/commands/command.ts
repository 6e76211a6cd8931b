import type { CliIo } from '../cli-io.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { OptionName, OptionValues } from '../options.ts';
import { reportProblems } from '../problems.ts';
import type { RestClient } from '../rest-client.ts';

/** What a command is run with. */
export interface Call {
  readonly operands: readonly string[];
  readonly options: OptionValues;
  readonly rest: RestClient;
  readonly io: CliIo;
}

export interface Command {
  /** `connectors list`, as it is typed. */
  readonly name: string;
  /** What follows it, for the help: `NAME ...`. */
  readonly operands?: string;
  /** How many of them; default none. */
  readonly least?: number;
  readonly most?: number;
  readonly summary: string;
  /** More for `--help` of the command. */
  readonly details?: string;
  /** Beside `--help`. */
  readonly options: readonly OptionName[];
  readonly run: (call: Call) => Promise<ExitCode>;
}

export interface Answer {
  /** For `--json`. */
  readonly json: unknown;
  readonly text: string;
}

/** Of commands that ask the worker. */
export const WORKER_OPTIONS = [
  'url',
  'user',
  'token',
  'ca',
  'json',
] as const satisfies readonly OptionName[];

export function print({ io, options }: Call, { json, text }: Answer): ExitCode {
  io.out(options.json === true ? JSON.stringify(json ?? null, null, 2) : text);
  return EXIT.done;
}

/** A command that answers once. */
export function answering(answer: (call: Call) => Promise<Answer>): Command['run'] {
  return async (call) => print(call, await answer(call));
}

/** A command that is run for each operand; one that fails does not keep the others from being tried. */
export function forEachOperand(
  answer: (call: Call, operand: string) => Promise<Answer>,
): Command['run'] {
  return async (call) => {
    const problems: unknown[] = [];
    for (const operand of call.operands) {
      try {
        print(call, await answer(call, operand));
      } catch (error) {
        problems.push(error);
      }
    }
    return problems.length === 0 ? EXIT.done : reportProblems(problems, call.io);
  };
}
