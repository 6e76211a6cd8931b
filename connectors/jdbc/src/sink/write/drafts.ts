import type { StructSchema } from '@millrace/record';
import type { Part } from '../change.ts';
import type { Settings } from '../settings.ts';
import type { Database, TypeNames } from './session.ts';
import type { ColumnDraft } from './table.ts';

/** What one record wants to write, as far as the shape of the table is concerned. */
export interface Want {
  readonly topic: string;
  readonly key: Part | null;
  readonly row: Part;
}

/** The columns that records call for, those of their keys first; null values without a schema call for none. */
export function draftColumns(
  wants: readonly Want[],
  types: TypeNames,
  database: Database,
  settings: Settings,
): readonly ColumnDraft[] {
  const drafts = new Map<string, ColumnDraft>();
  const put = (draft: ColumnDraft): void => {
    const name = database.fold(draft.name, settings);
    if (!drafts.has(name)) drafts.set(name, { ...draft, name });
  };
  for (const { key } of wants)
    if (key !== null) partDrafts([key], true, types, database).forEach(put);
  for (const want of wants) {
    if (want.row.schema === null) continue;
    for (const draft of partDrafts([want.row], false, types, database))
      if (settings.isFieldIncluded(want.topic, draft.name)) put(draft);
  }
  const loose = wants.filter((want) => want.row.schema === null);
  const looseRows = loose.map((want) => want.row);
  for (const draft of partDrafts(looseRows, false, types, database))
    if (loose.some((want) => settings.isFieldIncluded(want.topic, draft.name))) put(draft);
  return [...drafts.values()];
}

/** Drafts of parts that are alike: all with schemas, or all without. */
function partDrafts(
  parts: readonly Part[],
  isKey: boolean,
  types: TypeNames,
  database: Database,
): readonly ColumnDraft[] {
  const [first] = parts;
  if (first === undefined) return [];
  if (first.schema !== null) return schemaDrafts(first.schema, isKey, types, database);
  const names = new Set(parts.flatMap((part) => Object.keys(part.fields)));
  return [...names].flatMap((name) => {
    const values = parts.map((part) => part.fields[name]);
    const type = types.forValues(values, isKey, names.size);
    return type === undefined ? [] : [{ name, type, isRequired: isKey, default: null }];
  });
}

function schemaDrafts(
  schema: StructSchema,
  isKey: boolean,
  types: TypeNames,
  database: Database,
): readonly ColumnDraft[] {
  return schema.fields.map((field) => {
    const type = types.forSchema(field.schema, isKey, schema.fields.length);
    return {
      name: field.name,
      type,
      isRequired: isKey || !field.schema.optional,
      default: isKey ? null : database.defaultLiteral(field.schema, type),
    };
  });
}
