import type { LeftBehind } from '../model/catalog.ts';
import type { Selection } from '../model/selection.ts';
import { text, type Session } from '../server/session-api.ts';

const WHY: Readonly<Record<string, string>> = {
  view: 'create it in the target when the tables are there',
  'materialized view': 'create it in the target when the tables are there',
  'foreign table': 'its rows are in another server',
  'unlogged table': 'changes of it are not in the WAL',
  function: 'functions and procedures are not translated',
  trigger: 'at the target it would act a second time; create it after the cut-over',
  rule: 'at the target it would act a second time; create it after the cut-over',
  policy: 'row level security is set up by hand',
  'exclusion constraint': 'create it after the cut-over',
  'event trigger': 'set it up by hand',
  'default by a function of your own':
    'the function is not carried over, so the column has no default',
  'index of a partition': 'only indexes of the whole table are carried; create it in the target',
  inheritance: 'parent and child become tables of their own',
};

/** What is in these schemas and stays there. */
export async function readLeftBehind(
  session: Session,
  schemas: readonly string[],
  selection: Selection,
): Promise<readonly LeftBehind[]> {
  const isMeant = selection.tables.length === 0 || selection.schemas.length > 0;
  const rows = await session.query(OBJECTS, [JSON.stringify(schemas)]);
  return rows
    .filter((row) => isMeant || text(row, 'of_table') === 't')
    .map((row) => {
      const kind = text(row, 'kind');
      return { kind, name: text(row, 'name'), why: WHY[kind] ?? '' };
    });
}

const OBJECTS = `
  WITH chosen AS (SELECT n.oid, n.nspname FROM pg_namespace n
    WHERE n.nspname IN (SELECT jsonb_array_elements_text($1::jsonb))),
  extended AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e')
  SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
      ELSE 'unlogged table' END AS kind, format('%I.%I', s.nspname, c.relname) AS name, false AS of_table
    FROM pg_class c JOIN chosen s ON s.oid = c.relnamespace
    WHERE (c.relkind IN ('v', 'm', 'f') OR (c.relkind = 'r' AND c.relpersistence = 'u'))
      AND (('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM extended))
  UNION ALL
  SELECT 'function', format('%I.%I(%s)', s.nspname, p.proname, pg_get_function_identity_arguments(p.oid)), false
    FROM pg_proc p JOIN chosen s ON s.oid = p.pronamespace
    WHERE ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM extended)
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
  UNION ALL
  SELECT 'trigger', format('%I on %I.%I', t.tgname, s.nspname, c.relname), true
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN chosen s ON s.oid = c.relnamespace
    WHERE NOT t.tgisinternal
  UNION ALL
  SELECT 'rule', format('%I on %I.%I', r.rulename, s.nspname, c.relname), true
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN chosen s ON s.oid = c.relnamespace
    WHERE r.rulename <> '_RETURN'
  UNION ALL
  SELECT 'policy', format('%I on %I.%I', p.polname, s.nspname, c.relname), true
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN chosen s ON s.oid = c.relnamespace
  UNION ALL
  SELECT 'exclusion constraint', format('%I on %I.%I', k.conname, s.nspname, c.relname), true
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN chosen s ON s.oid = c.relnamespace
    WHERE k.contype = 'x'
  UNION ALL
  SELECT 'index of a partition', format('%I on %I.%I', x.relname, s.nspname, c.relname), true
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN chosen s ON s.oid = c.relnamespace
      JOIN pg_class x ON x.oid = i.indexrelid
    WHERE c.relispartition AND NOT x.relispartition
  UNION ALL
  SELECT 'inheritance', format('%I.%I inherits %I', s.nspname, c.relname, p.relname), true
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN chosen s ON s.oid = c.relnamespace
      JOIN pg_class p ON p.oid = i.inhparent
    WHERE NOT c.relispartition AND c.relkind = 'r'
  UNION ALL
  SELECT 'default by a function of your own', format('%I.%I.%I', s.nspname, c.relname, a.attname), true
    FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid JOIN chosen s ON s.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
      JOIN pg_depend x ON x.classid = 'pg_attrdef'::regclass AND x.objid = d.oid AND x.refclassid = 'pg_proc'::regclass
      JOIN pg_proc p ON p.oid = x.refobjid JOIN pg_namespace pn ON pn.oid = p.pronamespace
    WHERE a.attgenerated = '' AND pn.nspname <> 'pg_catalog' AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM extended)
  ORDER BY 1, 2`;
