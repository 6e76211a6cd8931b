import type { Struct, StructSchema } from '@millrace/record';
import { fieldValue, perSchema, setMember } from '../subject.ts';

/** What is known of all structs of one schema. */
export interface Shape {
  readonly schema: StructSchema;
  readonly indexByName: ReadonlyMap<string, number>;
  /** Positions of the fields in which null stands for a default. */
  readonly withDefault: readonly number[];
  /** Whether a field is named like something that every object inherits. */
  readonly hasRiskyNames: boolean;
}

export const shapeOf = perSchema((schema: StructSchema): Shape => {
  const { fields } = schema;
  return {
    schema,
    indexByName: new Map(fields.map(({ name }, index) => [name, index])),
    withDefault: fields.flatMap((field, index) =>
      field.schema.default === undefined ? [] : [index],
    ),
    hasRiskyNames: fields.some(({ name }) => name in Object.prototype),
  };
});

/** The members of a struct in the order of its fields. */
export function membersOf({ schema, hasRiskyNames }: Shape, value: Struct): unknown[] {
  const members: unknown[] = [];
  for (const field of schema.fields)
    members.push(hasRiskyNames ? fieldValue(value, field, false) : (value[field.name] ?? null));
  return members;
}

/** The other way round. */
export function structOf({ schema, hasRiskyNames }: Shape, members: readonly unknown[]): Struct {
  const struct: Record<string, unknown> = {};
  let index = 0;
  for (const { name } of schema.fields) {
    if (hasRiskyNames) setMember(struct, name, members[index++]);
    else struct[name] = members[index++];
  }
  return struct;
}
