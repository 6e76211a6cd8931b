import type { LeftBehind } from '../model/catalog.ts';
import type { Selection } from '../model/selection.ts';
import { text, type Row, type Session } from '../server/session-api.ts';

/** Views, triggers, routines and events of these schemas. */
export async function readMysqlLeftBehind(
  session: Session,
  schemas: string,
  tables: readonly Row[],
  selection: Selection,
): Promise<readonly LeftBehind[]> {
  const found: LeftBehind[] = [];
  const isWhole = selection.tables.length === 0;
  for (const row of isWhole ? tables : []) {
    const type = text(row, 'table_type');
    const name = `${text(row, 'table_schema')}.${text(row, 'table_name')}`;
    if (type === 'VIEW')
      found.push({ kind: 'view', name, why: 'create it in the target when the tables are there' });
    if (type === 'SEQUENCE') found.push({ kind: 'sequence', name, why: 'create it by hand' });
    if (type === 'SYSTEM VERSIONED')
      found.push({ kind: 'history', name, why: 'only the present rows are carried' });
  }
  for (const row of await session.query(
    `SELECT trigger_schema AS s, trigger_name AS n, event_object_table AS t FROM information_schema.triggers WHERE trigger_schema IN (${schemas})`,
  ))
    found.push({
      kind: 'trigger',
      name: `${text(row, 'n')} on ${text(row, 's')}.${text(row, 't')}`,
      why: 'at the target it would act a second time; create it after the cut-over',
    });
  if (!isWhole) return found;
  for (const row of await session.query(
    `SELECT routine_schema AS s, routine_name AS n, routine_type AS k FROM information_schema.routines WHERE routine_schema IN (${schemas})`,
  ))
    found.push({
      kind: text(row, 'k').toLowerCase(),
      name: `${text(row, 's')}.${text(row, 'n')}`,
      why: 'functions and procedures are not translated',
    });
  for (const row of await session.query(
    `SELECT event_schema AS s, event_name AS n FROM information_schema.events WHERE event_schema IN (${schemas})`,
  ))
    found.push({
      kind: 'event',
      name: `${text(row, 's')}.${text(row, 'n')}`,
      why: 'set it up by hand after the cut-over',
    });
  return found;
}
