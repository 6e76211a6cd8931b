import type { StructSchema, Struct } from '@millrace/record';
import { columnValueRefused, keyMissing, TargetError } from '../../errors.ts';
import type { Part } from '../change.ts';
import type { Settings } from '../settings.ts';
import type { Database, Encoder } from './session.ts';
import type { Column, Table } from './table.ts';

/** How the fields of records of one shape become the columns of a table. Key columns come first. */
export interface Plan {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly keyCount: number;
  /** Fields without a column. Null values of theirs lose nothing; others do. */
  readonly missing: readonly string[];
  /** Columns that the source could not tell; then the row can only be an update. */
  readonly unavailable: readonly string[];
  readonly sources: readonly PlanSource[];
}

interface PlanSource {
  readonly field: string;
  readonly isKey: boolean;
  readonly encode: Encoder;
}

export interface PlanShape {
  readonly topic: string;
  readonly key: Part | null;
  readonly row: Part | null;
  readonly unavailable: ReadonlySet<string> | null;
  readonly isEnvelope: boolean;
}

export function makePlan(
  table: Table,
  shape: PlanShape,
  database: Database,
  settings: Settings,
): Plan {
  const columns: Column[] = [];
  const sources: PlanSource[] = [];
  const missing: string[] = [];
  const unavailable: string[] = [];
  const taken = new Set<string>();
  const add = (part: Part, field: string, isKey: boolean): void => {
    const column = database.findColumn(table, field, settings);
    if (column === undefined) missing.push(field);
    else if (!taken.has(column.name) && !column.isGenerated) {
      taken.add(column.name);
      const schema = part.schema?.fields.find((each) => each.name === field)?.schema ?? null;
      const encode = database.encoderFor(schema, column.type, settings.hints, shape.isEnvelope);
      columns.push(column);
      sources.push({ field, isKey, encode });
    }
  };
  if (shape.key !== null) for (const field of fieldsOf(shape.key)) add(shape.key, field, true);
  const keyCount = columns.length;
  if (shape.row !== null)
    for (const field of fieldsOf(shape.row)) {
      if (shape.key !== null && field in shape.key.fields) continue;
      if (!settings.isFieldIncluded(shape.topic, field)) continue;
      if (shape.unavailable?.has(field) === true) unavailable.push(field);
      else add(shape.row, field, false);
    }
  return { table, columns, keyCount, missing, unavailable, sources };
}

export function fieldsOf(part: Part): readonly string[] {
  return part.schema === null ? Object.keys(part.fields) : part.schema.fields.map(nameOf);
}

const nameOf = (field: StructSchema['fields'][number]): string => field.name;

const NOTHING: Struct = {};

/** The values of one record in the order of the plan's columns. @throws TargetError of scope `record` */
export function encodeRow(plan: Plan, key: Part | null, row: Part | null): (string | null)[] {
  const { sources } = plan;
  const keyFields = key?.fields ?? NOTHING;
  const rowFields = row?.fields ?? NOTHING;
  const values = new Array<string | null>(sources.length);
  for (let index = 0; index < sources.length; index++) {
    const source = sources[index];
    if (source === undefined) continue;
    const value = (source.isKey ? keyFields : rowFields)[source.field];
    if (value === null || value === undefined) {
      if (source.isKey)
        throw keyMissing(
          `the key field "${source.field}" is null`,
          'rows are found by their key; choose key fields that are never null',
        );
      values[index] = null;
      continue;
    }
    try {
      values[index] = source.encode(value);
    } catch (error) {
      throw error instanceof TargetError ? columnValueRefused(source.field, error) : error;
    }
  }
  return values;
}

/** The key columns as one text, for maps. */
export function keyText(values: readonly (string | null)[], keyCount: number): string {
  return keyCount === 1 ? (values[0] ?? '') : JSON.stringify(values.slice(0, keyCount));
}

/** Shorter first, then by code unit: the order of numbers for whole numbers, and the same order for every writer. */
export function compareKeys(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
