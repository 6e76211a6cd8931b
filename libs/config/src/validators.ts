import { javaRegex } from './java-regex/java-regex.ts';
import type { Validator } from './field.ts';

/** What Kafka's validators say of a value that is missing, since it was null or did not parse. */
const NULL_PROBLEMS = new WeakMap<object, string>();

/** Undefined for a validator that lets null pass. */
export function nullProblem(validator: object | undefined): string | undefined {
  return validator === undefined ? undefined : NULL_PROBLEMS.get(validator);
}

/** Says of a validator that it lets no null pass. */
export function refusingNull<T>(problem: string, validator: Validator<T>): Validator<T> {
  NULL_PROBLEMS.set(validator, problem);
  return validator;
}

const NO_NUMBER = 'Value must be non-null';

/** Validators with Kafka's ConfigDef messages, which some clients show or match. */
export function atLeast(minimum: number): Validator<number> {
  return refusingNull(NO_NUMBER, (value) =>
    value < minimum ? `Value must be at least ${minimum}` : undefined,
  );
}

export function between(minimum: number, maximum: number): Validator<number> {
  return refusingNull(NO_NUMBER, (value) =>
    value < minimum
      ? `Value must be at least ${minimum}`
      : value > maximum
        ? `Value must be no more than ${maximum}`
        : undefined,
  );
}

export function oneOf(...allowed: readonly string[]): Validator<string> {
  const problem = `String must be one of: ${allowed.join(', ')}`;
  return refusingNull(problem, (value) => (allowed.includes(value) ? undefined : problem));
}

export function oneOfIgnoringCase(...allowed: readonly string[]): Validator<string> {
  const lower = allowed.map((each) => each.toLowerCase());
  const problem = `String must be one of (case insensitive): ${allowed.map((each) => each.toUpperCase()).join(', ')}`;
  return refusingNull(problem, (value) =>
    lower.includes(value.toLowerCase()) ? undefined : problem,
  );
}

export const nonEmpty: Validator<string> = (value) =>
  value === '' ? 'String must be non-empty' : undefined;

export const validRegex: Validator<string> = (value) => {
  try {
    javaRegex(value);
    return undefined;
  } catch (error) {
    return `Invalid regex: ${error instanceof Error ? error.message : String(error)}`;
  }
};

/** Every entry of a list passes. */
export function each(validator: Validator<string>): Validator<readonly string[]> {
  return (values) =>
    values.map((value) => validator(value)).find((problem) => problem !== undefined);
}

export function all<T>(...validators: readonly Validator<T>[]): Validator<T> {
  return (value) => {
    for (const validator of validators) {
      const problem = validator(value);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}
