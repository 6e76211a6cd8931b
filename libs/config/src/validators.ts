import { javaRegex } from './java-regex.ts';
import type { Validator } from './field.ts';

/** Validators with Kafka's ConfigDef messages, which some clients show or match. */
export function atLeast(minimum: number): Validator<number> {
  return (value) => (value < minimum ? `Value must be at least ${minimum}` : undefined);
}

export function between(minimum: number, maximum: number): Validator<number> {
  return (value) =>
    value < minimum
      ? `Value must be at least ${minimum}`
      : value > maximum
        ? `Value must be no more than ${maximum}`
        : undefined;
}

export function oneOf(...allowed: readonly string[]): Validator<string> {
  return (value) =>
    allowed.includes(value) ? undefined : `String must be one of: ${allowed.join(', ')}`;
}

export function oneOfIgnoringCase(...allowed: readonly string[]): Validator<string> {
  const lower = allowed.map((each) => each.toLowerCase());
  return (value) =>
    lower.includes(value.toLowerCase())
      ? undefined
      : `String must be one of (case insensitive): ${allowed.map((each) => each.toUpperCase()).join(', ')}`;
}

export const nonEmpty: Validator<string> = (value) =>
  value.trim() === '' ? 'String must be non-empty' : undefined;

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
