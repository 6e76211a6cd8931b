import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { badSchema, badValue } from '../errors.ts';
import type { JsonObject } from './json-schema-settings.ts';
import type { Place } from './references.ts';

/**
 * A check of plain JSON against a schema; throws `converter.bad_value` with every violation.
 * @throws MillraceError `converter.bad_schema` when the schema itself is none
 */
export function compileValidation({ node, files }: Place): (value: unknown) => void {
  const options = {
    strict: false,
    allErrors: true,
    validateFormats: false,
    logger: false,
  } as const;
  const dialect = typeof node['$schema'] === 'string' ? node['$schema'] : '';
  const ajv = dialect.includes('2020-12')
    ? new Ajv2020(options)
    : dialect.includes('2019-09')
      ? new Ajv2019(options)
      : new Ajv(options);
  let validate: ValidateFunction;
  try {
    for (const [name, file] of files) ajv.addSchema(withoutDialect(file), name);
    validate = ajv.compile(withoutDialect(node));
  } catch (error) {
    throw badSchema(
      `the JSON Schema can not be used to validate: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return (value) => {
    if (validate(value)) return;
    const reasons = (validate.errors ?? [])
      .slice(0, 10)
      .map(
        ({ instancePath, message }) =>
          `${instancePath === '' ? '#' : instancePath}: ${message ?? ''}`,
      );
    throw badValue(`the JSON does not match its schema: ${reasons.join('; ')}`);
  };
}

/** Older dialects are near enough to draft 7, whose meta-schema is the only one at hand. */
function withoutDialect(node: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== '$schema'));
}
