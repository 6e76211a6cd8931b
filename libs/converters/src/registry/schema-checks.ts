import type { Schema } from '@millrace/record';
import { badSchema } from '../errors.ts';

/** @throws MillraceError for a value without a schema, which this converter can't write */
export function requireSchema(schema: Schema | null, converter: string): Schema {
  if (schema !== null) return schema;
  throw badSchema(
    `${converter} can not write values without a schema`,
    'give the records a schema, or use the JSON converter with schemas.enable=false',
  );
}

/** @throws MillraceError when the registered schema is another converter's */
export function requireSchemaType(schemaType: string, wanted: string): void {
  if (schemaType === wanted) return;
  throw badSchema(
    `the schema is of type ${schemaType}, not ${wanted}`,
    'configure the converter that the records were written with',
  );
}
