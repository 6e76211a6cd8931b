import { defineFields } from '@millrace/config';
import type { Struct, StructSchema } from '@millrace/record';
import { badSettings } from './errors.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import {
  fieldValue,
  perSchema,
  requireMap,
  requireStruct,
  setMember,
  subjectOf,
  withFields,
  withSubject,
} from './subject.ts';

const fields = defineFields({
  exclude: {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Fields to exclude. This takes precedence over the fields to include.',
    aliases: ['blacklist'],
  },
  include: {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Fields to include. If specified, only these fields are used.',
    aliases: ['whitelist'],
  },
  renames: {
    type: 'LIST',
    default: [],
    importance: 'MEDIUM',
    doc: 'Field rename mappings, old:new.',
  },
  'replace.null.with.default': replaceNullField,
});

/** Leaves out and renames fields. */
export const replaceField = keyAndValue(
  'replace-field',
  'ReplaceField',
  fields,
  (settings, side) => {
    const renames = renamesOf(settings.renames);
    const excluded = new Set(settings.exclude);
    const included = new Set(settings.include);
    const isKept = (name: string): boolean =>
      !excluded.has(name) && (included.size === 0 || included.has(name));
    const rename = (name: string): string => renames.get(name) ?? name;
    const schemaOf = perSchema((schema: StructSchema) =>
      withFields(
        schema,
        schema.fields
          .filter(({ name }) => isKept(name))
          .map((field) => ({ name: rename(field.name), schema: field.schema })),
      ),
    );
    const hasDefaults = settings['replace.null.with.default'];
    return {
      apply: (record) => {
        const subject = subjectOf(record, side);
        if (subject.value === null || subject.value === undefined) return record;
        if (subject.schema === null) {
          const members: Struct = requireMap(subject.value, 'field replacement');
          const kept = Object.entries(members).filter(([name]) => isKept(name));
          const value = Object.fromEntries(kept.map(([name, member]) => [rename(name), member]));
          return withSubject(record, side, { schema: null, value });
        }
        const { schema, value } = requireStruct(subject, 'field replacement');
        const replaced: Record<string, unknown> = {};
        for (const field of schema.fields)
          if (isKept(field.name))
            setMember(replaced, rename(field.name), fieldValue(value, field, hasDefaults));
        return withSubject(record, side, { schema: schemaOf(schema), value: replaced });
      },
    };
  },
);

function renamesOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair) => {
      const [from, to, ...rest] = pair.split(':');
      if (from === undefined || to === undefined || to === '' || rest.length > 0)
        throw badSettings(`Invalid rename mapping: ${pair}`);
      return [from.trim(), to.trim()];
    }),
  );
}
