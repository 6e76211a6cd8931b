import type { Logger } from '@millrace/foundation';
import { MillraceError } from '@millrace/foundation';
import { text, type Session } from '../server/session-api.ts';
import type { ObjectAt, Statement } from './schema-plan.ts';

export interface Executed {
  readonly done: number;
  /** Optional ones that were refused, with the reason. */
  readonly failed: readonly { readonly statement: Statement; readonly why: string }[];
}

/** Runs what is not done yet. Killed in between and run again, it goes on with the rest. */
export async function execute(
  session: Session,
  statements: readonly Statement[],
  options: { readonly log: Logger; readonly onStep?: (statement: Statement) => void },
): Promise<Executed> {
  const failed: { statement: Statement; why: string }[] = [];
  let done = 0;
  for (const statement of statements) {
    if (statement.unless !== undefined && (await isThere(session, statement.unless))) continue;
    options.onStep?.(statement);
    try {
      await session.query(statement.sql);
      done += 1;
    } catch (error) {
      if (statement.isOptional !== true || !(error instanceof MillraceError)) throw error;
      failed.push({ statement, why: error.message });
    }
  }
  return { done, failed };
}

async function isThere(session: Session, { kind, table, name }: ObjectAt): Promise<boolean> {
  const isPostgres = session.endpoint.family === 'postgres';
  const [row] = isPostgres
    ? await session.query(POSTGRES[kind], [table.schema, table.name, name])
    : await session.query(MYSQL[kind], [table.schema, table.name, name]);
  return text(row, 'found') !== '' && text(row, 'found') !== '0';
}

const POSTGRES: Readonly<Record<ObjectAt['kind'], string>> = {
  constraint: `SELECT count(*) AS found FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2 AND k.conname = $3`,
  index: `SELECT count(*) AS found FROM pg_indexes WHERE schemaname = $1 AND tablename = $2 AND indexname = $3`,
  table: `SELECT count(*) AS found FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = $2 AND $3::text = $3::text`,
  schema: `SELECT count(*) AS found FROM pg_namespace WHERE nspname = $1 AND $2::text = $2::text AND $3::text = $3::text`,
  extension: `SELECT count(*) AS found FROM pg_extension WHERE extname = $3 AND $1::text = $1::text AND $2::text = $2::text`,
};

const MYSQL: Readonly<Record<ObjectAt['kind'], string>> = {
  constraint: `SELECT count(*) AS found FROM information_schema.table_constraints WHERE table_schema = ? AND table_name = ? AND constraint_name = ?`,
  index: `SELECT count(*) AS found FROM information_schema.statistics WHERE table_schema = ? AND table_name = ? AND index_name = ?`,
  table: `SELECT count(*) AS found FROM information_schema.tables WHERE table_schema = ? AND table_name = ? AND ? <> ''`,
  schema: `SELECT count(*) AS found FROM information_schema.schemata WHERE schema_name = ? AND ? = '' AND ? <> ''`,
  extension: `SELECT count(*) AS found FROM information_schema.schemata WHERE schema_name IN (?, ?, ?)`,
};
