import type { JsonCursor, Schema, StructSchema } from '@millrace/record';
import { compileReader, type Read } from './reader.ts';
import type { JsonSettings } from './settings.ts';

/** Reads the value that begins where the cursor stands. */
export type ReadText = (cursor: JsonCursor) => unknown;

/**
 * A reader of texts for all values of a schema. Structs whose fields come in the schema's order and without white
 * space between them, as `JsonConverter` writes them, are read straight into the value; everything else is parsed into
 * nodes and read by `compileReader`, which says what is right and what is an error.
 */
export function compileTextReader(schema: Schema, settings: JsonSettings, path = ''): ReadText {
  const read = compileReader(schema, settings, path);
  return schema.type === 'struct' && schema.fields.length > 0 && !schema.fields.some(isRisky)
    ? compileStruct(schema, read, settings, path)
    : (cursor) => read(cursor.value());
}

/** Names that every object has: `reader.ts` knows how to set them. */
function isRisky({ name }: StructSchema['fields'][number]): boolean {
  return name in Object.prototype;
}

function compileStruct(
  schema: StructSchema,
  readNode: Read,
  settings: JsonSettings,
  path: string,
): ReadText {
  const names = schema.fields.map((field) => field.name);
  const starts = names.map((name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  const readers = schema.fields.map((field) =>
    compileTextReader(field.schema, settings, path === '' ? field.name : `${path}.${field.name}`),
  );
  return (cursor) => {
    const from = cursor.position;
    const struct: Record<string, unknown> = {};
    for (let index = 0; index < names.length; index++) {
      const name = names[index];
      const start = starts[index];
      const read = readers[index];
      if (name === undefined || start === undefined || read === undefined) break;
      if (!cursor.takes(start)) return again(cursor, from, readNode);
      struct[name] = read(cursor);
    }
    return cursor.takes('}') ? struct : again(cursor, from, readNode);
  };
}

/** Not as expected: null, other fields, or the same in another order. */
function again(cursor: JsonCursor, from: number, readNode: Read): unknown {
  cursor.goTo(from);
  return readNode(cursor.value());
}
