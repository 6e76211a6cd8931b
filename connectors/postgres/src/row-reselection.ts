import { rowNotAddressable, type RowReselection } from '@millrace/cdc';
import { MillraceError } from '@millrace/foundation';
import { quoteName, quoteTable } from './catalog.ts';
import type { Session } from './connection.ts';
import { RowRecord } from './row-record.ts';
import type { ShapeColumn } from './table-shape.ts';

/** A session that breaks while it is asked is opened again once. */
const TRIES = 2;

/** Rows of changes, read again by their key. */
export function rowReselection(sessions: () => Promise<Session>): RowReselection {
  return {
    tableOf: (record) =>
      record instanceof RowRecord ? `${record.shape.schema}.${record.shape.table}` : undefined,
    select: async (record, fields, byEventKey) => {
      if (!(record instanceof RowRecord)) return undefined;
      const { sql, key, columns } = selectionOf(record, fields, byEventKey);
      const row = await queryOnce(sessions, sql, key);
      if (row === undefined) return undefined;
      return Object.fromEntries(
        columns.map((column, index) => {
          const text = row[`c${index}`] ?? null;
          return [column.field, text === null ? column.nullValue : column.decode(text)];
        }),
      );
    },
  };
}

interface Selection {
  readonly sql: string;
  /** Its parameters. */
  readonly key: readonly (string | null)[];
  readonly columns: readonly ShapeColumn[];
}

function selectionOf(record: RowRecord, fields: readonly string[], byEventKey: boolean): Selection {
  const { shape } = record;
  const table = { schema: shape.schema, name: shape.table };
  const columns = shape.columns.filter(({ field }) => fields.includes(field));
  const key =
    byEventKey || shape.identityColumns.length === 0 ? shape.keyColumns : shape.identityColumns;
  if (key.length === 0) throw rowNotAddressable(`${table.schema}.${table.name}`, 'it has no key');
  const texts = record.newTexts(key);
  const unknown = key.find((_column, index) => texts[index] === null);
  if (unknown !== undefined)
    throw rowNotAddressable(
      `${table.schema}.${table.name}`,
      `"${unknown.name}" of its key is null, or was not sent`,
    );
  const conditions = key.map(({ name }, index) => `${quoteName(name)} = $${index + 1}`);
  const list = columns.map(({ name }, index) => `${quoteName(name)}::text AS c${index}`);
  return {
    columns,
    key: texts,
    sql: `SELECT ${list.join(', ')} FROM ${quoteTable(table)} WHERE ${conditions.join(' AND ')}`,
  };
}

async function queryOnce(
  sessions: () => Promise<Session>,
  sql: string,
  key: Selection['key'],
): Promise<Readonly<Record<string, string | null>> | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const [row] = await (await sessions()).query(sql, key);
      return row;
    } catch (error) {
      const isPassing = error instanceof MillraceError && error.retry === 'retriable';
      if (!isPassing || attempt === TRIES) throw error;
    }
  }
}
