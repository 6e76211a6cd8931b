import { acrossCopies, MillraceError } from '@millrace/foundation';
import type { AnyField, Fields, FieldType, ParsedValues, Resolved } from './field.ts';
import { HIDDEN, parseValue } from './parse.ts';

export type RawConfig = Readonly<Record<string, string | null | undefined>>;

/** One thing wrong with one key; `message` is complete, in Kafka's words. */
export interface ConfigProblem {
  readonly key: string;
  readonly message: string;
}

/** All problems of a configuration at once. */
export class ConfigError extends MillraceError {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(subject: string, problems: readonly ConfigProblem[]) {
    super({
      code: 'config.invalid',
      retry: 'fatal',
      message: `${subject} is invalid: ${problems.map((problem) => problem.message).join('; ')}`,
      hint: 'mend every key that is named and try again',
      context: { keys: problems.map((problem) => problem.key) },
    });
    this.problems = problems;
  }
}

acrossCopies(ConfigError, 'config/ConfigError');

export interface CheckedConfig<F extends Fields> {
  /** Complete only when there are no problems. */
  readonly values: Partial<Resolved<F>>;
  readonly problems: readonly ConfigProblem[];
}

/** Parses and validates every field and collects all problems; never throws. */
export function checkConfig<F extends Fields>(fields: F, raw: RawConfig): CheckedConfig<F> {
  const values: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [key, field] of Object.entries(fields)) {
    const outcome = checkField(key, field, rawValueOf(key, field, raw));
    if ('problem' in outcome) problems.push({ key, message: outcome.problem });
    else values[key] = outcome.value;
  }
  // One cast at the border between the table and its inferred type.
  return { values: values as Partial<Resolved<F>>, problems };
}

/**
 * Parses raw configuration into a frozen, typed object.
 * @throws ConfigError with all problems
 */
export function resolveConfig<F extends Fields>(
  fields: F,
  raw: RawConfig,
  subject = 'configuration',
): Resolved<F> {
  const { values, problems } = checkConfig(fields, raw);
  if (problems.length > 0) throw new ConfigError(subject, problems);
  return Object.freeze(values as Resolved<F>);
}

function rawValueOf(key: string, field: AnyField, raw: RawConfig): string | null | undefined {
  if (raw[key] !== undefined) return raw[key];
  return field.aliases?.map((alias) => raw[alias]).find((value) => value !== undefined);
}

type FieldOutcome = { readonly value: unknown } | { readonly problem: string };

function checkField(key: string, field: AnyField, text: string | null | undefined): FieldOutcome {
  if (text === null || text === undefined) {
    if (field.default !== undefined) return { value: field.default };
    return { problem: `Missing required configuration "${key}" which has no default value.` };
  }
  const parsed = parseValue(field.type, text);
  const problem = 'problem' in parsed ? parsed.problem : runValidator(field, parsed.value);
  if (problem === undefined) return 'value' in parsed ? parsed : { problem: 'unparsed' };
  const shown = 'value' in parsed ? shownValue(field, text, parsed.value) : hidden(field, text);
  return { problem: `Invalid value ${shown} for configuration ${key}: ${problem}` };
}

function hidden(field: AnyField, text: string): string {
  return field.type === 'PASSWORD' ? HIDDEN : text;
}

/** As Kafka shows a parsed value: a list in brackets. */
function shownValue(field: AnyField, text: string, value: ParsedValues[FieldType]): string {
  return Array.isArray(value) ? `[${value.join(', ')}]` : hidden(field, text);
}

function runValidator(field: AnyField, value: ParsedValues[FieldType]): string | undefined {
  // The parsed value has the type that the field's own `type` names.
  const validate = field.validate as
    ((value: ParsedValues[FieldType]) => string | undefined) | undefined;
  return validate?.(value);
}
