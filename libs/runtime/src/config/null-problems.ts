import { nullProblem, parseValue, type ConfigProblem, type Fields } from '@millrace/config';
import type { RawConnectorConfig } from '../herder.ts';

/** What is said of null values: first by the validator of those that Connect validates, then of all of them. */
export function nullProblems(
  raw: RawConnectorConfig,
  framework: Fields,
  fields: Fields,
  validated: Fields,
): readonly ConfigProblem[] {
  return Object.entries(raw)
    .filter(([key, value]) => value === null && !isAbsence(key, framework, fields))
    .flatMap(([key]) => [
      ...validatorProblems(key, validated),
      { key, message: 'Null value can not be supplied as the configuration value.' },
    ]);
}

/** A value that did not parse is null to the validator of its key, which Kafka asks all the same. */
export function unparsedProblems(
  raw: RawConnectorConfig,
  fields: Fields,
): readonly ConfigProblem[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const text = raw[key];
    if (text === undefined || text === null) return [];
    return 'problem' in parseValue(field.type, text) ? validatorProblems(key, fields) : [];
  });
}

/** A null is an absent value to a key of the connector's own, as in Connect; one that must be there is missing. */
function isAbsence(key: string, framework: Fields, fields: Fields): boolean {
  const field = fields[key];
  return !(key in framework) && field !== undefined && field.default !== undefined;
}

function validatorProblems(key: string, fields: Fields): readonly ConfigProblem[] {
  const problem = nullProblem(fields[key]?.validate);
  const message = `Invalid value null for configuration ${key}: ${problem ?? ''}`;
  return problem === undefined ? [] : [{ key, message }];
}
