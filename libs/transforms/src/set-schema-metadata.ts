import { defineFields } from '@millrace/config';
import type { Schema, StructSchema } from '@millrace/record';
import { badSettings, unsuitableRecord } from './errors.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import { perSchema } from './subject.ts';

const fields = defineFields({
  'schema.name': {
    type: 'STRING',
    default: null,
    importance: 'HIGH',
    doc: 'The name that the schema gets.',
  },
  'schema.version': {
    type: 'INT',
    default: null,
    importance: 'HIGH',
    doc: 'The version that the schema gets.',
  },
  'replace.null.with.default': replaceNullField,
});

const PURPOSE = 'updating schema metadata';

/** Names the schema, or gives it a version. */
export const setSchemaMetadata = keyAndValue(
  'set-schema-metadata',
  'SetSchemaMetadata',
  fields,
  (settings, side) => {
    const name = settings['schema.name'];
    const version = settings['schema.version'];
    if (name === null && version === null)
      throw badSettings('Neither schema name nor version configured');
    const hasDefaults = settings['replace.null.with.default'];
    const named = {
      ...(name === null ? {} : { name }),
      ...(version === null ? {} : { version }),
    };
    const renamed = perSchema((schema: Schema): Schema => ({ ...schema, ...named }));
    const renamedStruct = perSchema((schema: StructSchema): StructSchema => ({
      ...schema,
      ...named,
    }));
    return (draft) => {
      const half = draft.half(side);
      const { schema } = half;
      if (schema === null) {
        if (half.isNull) return true;
        throw unsuitableRecord(`Schema required for [${PURPOSE}]`);
      }
      if (schema.type !== 'struct') half.set(renamed(schema), half.value ?? null);
      else if (half.isNull) half.set(renamedStruct(schema), null);
      else {
        half.members(PURPOSE, hasDefaults);
        half.setSchema(renamedStruct(schema));
      }
      return true;
    };
  },
);
