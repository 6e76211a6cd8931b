import { defineFields, oneOf } from '@millrace/config';
import type { Header, Struct, StructSchema } from '@millrace/record';
import { badSettings, unsuitableRecord } from './errors.ts';
import { keyAndValue, replaceNullField } from './plugin.ts';
import { perSchema, setMember, rebuilt } from './subject.ts';

const notEmpty = (entries: readonly string[]): string | undefined =>
  entries.length === 0 ? 'Empty list' : undefined;

const fields = defineFields({
  fields: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'Fields whose values become headers.',
    validate: notEmpty,
  },
  headers: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'The names of the headers, in the order of the fields.',
    validate: notEmpty,
  },
  operation: {
    type: 'STRING',
    importance: 'HIGH',
    recommended: ['move', 'copy'],
    doc: 'move: the fields go. copy: they stay.',
    validate: oneOf('move', 'copy'),
  },
  'replace.null.with.default': replaceNullField,
});

/** Fields of the key or value become headers. */
export const headerFrom = keyAndValue('header-from', 'HeaderFrom', fields, (settings, side) => {
  const { fields: names, headers: keys, operation } = settings;
  if (names.length !== keys.length)
    throw badSettings("'fields' config must have the same number of elements as 'headers' config.");
  const purpose = `header ${operation}`;
  const moved = new Set(operation === 'move' ? names : []);
  const hasDefaults = settings['replace.null.with.default'];
  const planOf = perSchema((schema: StructSchema): Plan => ({
    sources: names.map((name) => schema.fields.findIndex((each) => each.name === name)),
    kept: schema.fields.flatMap(({ name }, index) => (moved.has(name) ? [] : [index])),
    left: rebuilt(
      schema,
      schema.fields.filter(({ name }) => !moved.has(name)),
    ),
  }));
  return (draft) => {
    const half = draft.half(side);
    if (half.schema === null) {
      const members = half.map(purpose);
      const added = names.map((name, index): Header => ({
        key: keys[index] ?? name,
        schema: null,
        value: Object.hasOwn(members, name) ? members[name] : null,
      }));
      if (moved.size > 0) half.setMap(without(members, moved));
      draft.headers = [...draft.headers, ...added];
      return true;
    }
    const schema = half.requireStruct(purpose);
    const { sources, kept, left } = planOf(schema);
    const headers = [...draft.headers];
    for (let index = 0; index < names.length; index++) {
      const name = names[index] ?? '';
      const field = schema.fields[sources[index] ?? -1];
      if (field === undefined) throw unsuitableRecord(`${name} is not a valid field name`);
      headers.push({
        key: keys[index] ?? name,
        schema: field.schema,
        value: half.member(sources[index] ?? -1, hasDefaults),
      });
    }
    if (moved.size > 0) {
      const members = half.members(purpose, hasDefaults);
      half.setMembers(
        left,
        kept.map((index) => members[index]),
      );
    }
    draft.headers = headers;
    return true;
  };
});

interface Plan {
  /** Positions of the fields whose values become headers; -1 for one that is not there. */
  readonly sources: readonly number[];
  /** Positions of the fields that stay when they move, and what is left then. */
  readonly kept: readonly number[];
  readonly left: StructSchema;
}

function without(members: Struct, moved: ReadonlySet<string>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(members))
    if (!moved.has(name)) setMember(kept, name, member);
  return kept;
}
