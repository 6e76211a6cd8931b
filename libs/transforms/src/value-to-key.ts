import { defineFields } from '@millrace/config';
import type { StructSchema } from '@millrace/record';
import { unsuitableRecord } from './errors.ts';
import { replaceNullField, single } from './plugin.ts';
import { perSchema, requireNames, setMember } from './subject.ts';

const fields = defineFields({
  fields: {
    type: 'LIST',
    importance: 'HIGH',
    doc: 'Field names on the record value to extract as the record key.',
    validate: (names) => (names.length === 0 ? 'Empty list' : undefined),
  },
  'replace.null.with.default': replaceNullField,
});

const PURPOSE = 'copying fields from value to key';

/** The key is made of fields of the value. */
export const valueToKey = single('value-to-key', 'ValueToKey', fields, (settings) => {
  const planOf = perSchema((schema: StructSchema) => {
    const chosen = settings.fields.map((name) => {
      const index = schema.fields.findIndex((each) => each.name === name);
      const field = schema.fields[index];
      if (field === undefined) throw unsuitableRecord(`Field does not exist: ${name}`);
      return { index, field };
    });
    requireNames(chosen.map(({ field }) => field));
    const keySchema: StructSchema = {
      type: 'struct',
      optional: false,
      fields: chosen.map(({ field }) => field),
    };
    return { keySchema, indexes: chosen.map(({ index }) => index) };
  });
  const hasDefaults = settings['replace.null.with.default'];
  return ({ key, value }) => {
    if (value.schema === null) {
      const members = value.map(PURPOSE);
      const chosen: Record<string, unknown> = {};
      for (const name of settings.fields)
        setMember(chosen, name, Object.hasOwn(members, name) ? members[name] : null);
      key.setMap(chosen);
      return true;
    }
    const { keySchema, indexes } = planOf(value.requireStruct(PURPOSE));
    key.setMembers(
      keySchema,
      indexes.map((index) => value.member(index, hasDefaults)),
    );
    return true;
  };
});
