import type { TableName } from './catalog.ts';

/** What of the source is meant, by names with `*` for anything. */
export interface Selection {
  /** `orders`, `sales.*`; empty: everything. */
  readonly tables: readonly string[];
  readonly excluded: readonly string[];
  /** Empty: everything that is no system schema. */
  readonly schemas: readonly string[];
}

export function selects(selection: Selection, table: TableName): boolean {
  const { tables, excluded, schemas } = selection;
  if (schemas.length > 0 && !schemas.some((pattern) => matches(pattern, table.schema)))
    return false;
  if (tables.length > 0 && !tables.some((pattern) => matchesTable(pattern, table))) return false;
  return !excluded.some((pattern) => matchesTable(pattern, table));
}

/** Of tables as they are shown, those that one of the patterns means. */
export function tablesMeant(
  patterns: readonly string[],
  tables: readonly string[],
): readonly string[] {
  return tables.filter((table) => {
    const dot = table.indexOf('.');
    const name = { schema: table.slice(0, dot), name: table.slice(dot + 1) };
    return patterns.some((pattern) => matchesTable(pattern, name));
  });
}

function matchesTable(pattern: string, { schema, name }: TableName): boolean {
  return matches(pattern, pattern.includes('.') ? `${schema}.${name}` : name);
}

function matches(pattern: string, name: string): boolean {
  const expression = pattern
    .split('*')
    .map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${expression}$`, 'u').test(name);
}
