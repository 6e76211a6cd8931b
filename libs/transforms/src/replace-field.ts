import { defineFields } from '@millrace/config';
import type { StructSchema } from '@millrace/record';
import { badSettings } from './errors.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import { perSchema, setMember, rebuilt } from './subject.ts';

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
    const planOf = perSchema((schema: StructSchema) => planFor(schema, isKept, rename));
    const hasDefaults = settings['replace.null.with.default'];
    return (draft) => {
      const half = draft.half(side);
      if (half.isNull) return true;
      if (half.schema === null) {
        const replaced: Record<string, unknown> = {};
        for (const [name, member] of Object.entries(half.map(PURPOSE)))
          if (isKept(name)) setMember(replaced, rename(name), member);
        half.setMap(replaced);
        return true;
      }
      const plan = planOf(half.requireStruct(PURPOSE));
      const members = half.members(PURPOSE, hasDefaults);
      if (plan.kept === undefined) half.setSchema(plan.schema);
      else
        half.setMembers(
          plan.schema,
          plan.kept.map((index) => members[index]),
        );
      return true;
    };
  },
);

const PURPOSE = 'field replacement';

interface Plan {
  readonly schema: StructSchema;
  /** Positions of the fields that stay; undefined: all of them. */
  readonly kept: readonly number[] | undefined;
}

function planFor(
  schema: StructSchema,
  isKept: (name: string) => boolean,
  rename: (name: string) => string,
): Plan {
  const kept = schema.fields.flatMap(({ name }, index) => (isKept(name) ? [index] : []));
  const fields = schema.fields
    .filter(({ name }) => isKept(name))
    .map((field) => ({ name: rename(field.name), schema: field.schema }));
  return {
    schema: rebuilt(schema, fields),
    kept: kept.length === schema.fields.length ? undefined : kept,
  };
}

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
