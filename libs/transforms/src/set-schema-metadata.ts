import { defineFields } from '@millrace/config';
import type { Schema } from '@millrace/record';
import { badSettings, unsuitableRecord } from './errors.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import { mapMembers, perSchema, requireStruct, subjectOf, withSubject } from './subject.ts';

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
    const renamed = perSchema((schema: Schema): Schema => ({
      ...schema,
      ...(name === null ? {} : { name }),
      ...(version === null ? {} : { version }),
    }));
    return {
      apply: (record) => {
        const { schema, value } = subjectOf(record, side);
        if (schema === null) {
          if (value === null || value === undefined) return record;
          throw unsuitableRecord(`Schema required for [${PURPOSE}]`);
        }
        if (schema.type !== 'struct' || value === null || value === undefined)
          return withSubject(record, side, { schema: renamed(schema), value: value ?? null });
        const struct = requireStruct({ schema, value }, PURPOSE);
        return withSubject(record, side, {
          schema: renamed(schema),
          value: mapMembers(struct, hasDefaults),
        });
      },
    };
  },
);
