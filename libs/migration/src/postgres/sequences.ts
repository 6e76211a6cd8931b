import { shownTable, type Sequence, type Table } from '../model/catalog.ts';
import { selects, type Selection } from '../model/selection.ts';
import { text, type Row, type Session } from '../server/session-api.ts';

/** Those of the chosen tables, and free ones of the chosen schemas. */
export async function readSequences(
  session: Session,
  schemas: readonly string[],
  tables: readonly Table[],
  selection: Selection,
): Promise<readonly Sequence[]> {
  const chosen = new Set(tables.map(shownTable));
  const rows = await session.query(SEQUENCES);
  return rows.map(sequenceOf).filter((sequence) => {
    if (sequence.owner !== null) return chosen.has(shownTable(sequence.owner.table));
    // With some tables chosen, free sequences are not meant.
    const isMeant = selection.tables.length === 0 && selects(selection, sequence);
    return schemas.includes(sequence.schema) && isMeant;
  });
}

const SEQUENCES = `
  SELECT s.schemaname AS schema, s.sequencename AS name, s.data_type::text AS type, s.start_value AS start, s.min_value AS min,
    s.max_value AS max, s.increment_by AS increment, s.cycle, s.cache_size AS cache, s.last_value AS last,
    d.deptype AS owned, tn.nspname AS table_schema, t.relname AS table_name, a.attname AS column_name
  FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname
    JOIN pg_class c ON c.relname = s.sequencename AND c.relnamespace = n.oid
    LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
      AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    LEFT JOIN pg_class t ON t.oid = d.refobjid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  ORDER BY 1, 2`;

function sequenceOf(row: Row): Sequence {
  const cycle = text(row, 'cycle') === 't' ? ' CYCLE' : '';
  return {
    schema: text(row, 'schema'),
    name: text(row, 'name'),
    options: `AS ${text(row, 'type')} INCREMENT BY ${text(row, 'increment')} MINVALUE ${text(row, 'min')} MAXVALUE ${text(row, 'max')} START WITH ${text(row, 'start')} CACHE ${text(row, 'cache')}${cycle}`,
    lastValue: row['last'] ?? null,
    increment: text(row, 'increment'),
    startValue: text(row, 'start'),
    owner:
      row['owned'] == null
        ? null
        : {
            table: { schema: text(row, 'table_schema'), name: text(row, 'table_name') },
            column: text(row, 'column_name'),
          },
    isIdentity: text(row, 'owned') === 'i',
  };
}
