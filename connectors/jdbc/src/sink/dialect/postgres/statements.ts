import type { ConflictRule, RowSet, RowTarget } from '../../write/session.ts';
import type { Column } from '../../write/table.ts';
import { copyText } from './copy-form.ts';
import { quoteName } from './ddl.ts';

const columnList = (columns: readonly Column[]): string =>
  columns.map((column) => quoteName(column.name)).join(', ');

export function copySql(target: string, columns: readonly Column[]): string {
  return `COPY ${target} (${columnList(columns)}) FROM STDIN`;
}

/** Typed like the target, so that COPY reports a bad value as the target itself would. */
export function createStageSql(stage: string, set: RowTarget): string {
  return `CREATE TEMPORARY TABLE ${stage} ON COMMIT DELETE ROWS AS SELECT ${columnList(set.columns)} FROM ${set.table.sql} WITH NO DATA`;
}

export function mergeStageSql(stage: string, set: RowTarget, rule: ConflictRule): string {
  return `${insertHead(set)} SELECT ${columnList(set.columns)} FROM pg_temp.${stage}${conflictClause(set, rule)}`;
}

/** One text array a column: any number of rows with few parameters, and one plan for all. */
export function insertArraysSql(set: RowSet, rule: ConflictRule): string {
  return `${insertHead(set)} SELECT ${castList(set.columns)} FROM ${arraysSql(set.columns)}${conflictClause(set, rule)}`;
}

/** Returns the places (from 1) of the rows that were found. */
export function updateArraysSql(set: RowSet): string {
  const assignments = set.columns
    .slice(set.keyCount)
    .map((column) => `${quoteName(column.name)} = n.${quoteName(column.name)}`);
  const values = set.columns.map(
    (column, index) => `v.v${index}::${column.type.castName} AS ${quoteName(column.name)}`,
  );
  const target = set.table.sql;
  const match = keyMatch(set, 't', 'n');
  const source = `(SELECT ${values.join(', ')}, v.place FROM ${arraysSql(set.columns, true)}) n`;
  return assignments.length === 0
    ? `SELECT n.place::int AS place FROM ${target} t JOIN ${source} ON ${match}`
    : `UPDATE ${target} t SET ${assignments.join(', ')} FROM ${source} WHERE ${match} RETURNING n.place::int AS place`;
}

export function deleteArraysSql(set: RowSet): string {
  const keys = set.columns.map((column) => quoteName(column.name)).join(', ');
  return `DELETE FROM ${set.table.sql} WHERE (${keys}) IN (SELECT ${castList(set.columns)} FROM ${arraysSql(set.columns)})`;
}

function insertHead(set: RowTarget): string {
  return `INSERT INTO ${set.table.sql} (${columnList(set.columns)}) OVERRIDING SYSTEM VALUE`;
}

function conflictClause(set: RowTarget, rule: ConflictRule): string {
  if (rule === 'fail') return '';
  const keys = columnList(set.columns.slice(0, set.keyCount));
  const rest = set.columns.slice(set.keyCount);
  if (rule === 'ignore' || rest.length === 0) return ` ON CONFLICT (${keys}) DO NOTHING`;
  const assignments = rest.map(
    (column) => `${quoteName(column.name)} = EXCLUDED.${quoteName(column.name)}`,
  );
  return ` ON CONFLICT (${keys}) DO UPDATE SET ${assignments.join(', ')}`;
}

function castList(columns: readonly Column[]): string {
  return columns.map((column, index) => `v.v${index}::${column.type.castName}`).join(', ');
}

function arraysSql(columns: readonly Column[], withPlace = false): string {
  const parameters = columns.map((_, index) => `$${index + 1}::text[]`).join(', ');
  const names = columns.map((_, index) => `v${index}`);
  return withPlace
    ? `unnest(${parameters}) WITH ORDINALITY AS v(${[...names, 'place'].join(', ')})`
    : `unnest(${parameters}) AS v(${names.join(', ')})`;
}

function keyMatch(set: RowSet, left: string, right: string): string {
  return set.columns
    .slice(0, set.keyCount)
    .map((column) => `${left}.${quoteName(column.name)} = ${right}.${quoteName(column.name)}`)
    .join(' AND ');
}

/** Of a COPY chunk; a larger row has one of its own. Bounds what is held twice. */
const COPY_CHUNK_BYTES = 1 << 18;
/** Of UTF-8 for a character of a string. */
const CHARACTER_BYTES_MAX = 3;

/** Rows that are in that format already, in pieces that the socket can take one after another. */
export function* encodedChunks(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.byteLength; at += COPY_CHUNK_BYTES)
    yield bytes.subarray(at, at + COPY_CHUNK_BYTES);
}

/** Rows as the text format of COPY. */
export function* copyChunks(rows: RowSet['rows']): Generator<Buffer> {
  let chunk = Buffer.allocUnsafeSlow(COPY_CHUNK_BYTES);
  let end = 0;
  for (const row of rows) {
    const text = copyLine(row);
    const bytesMax = text.length * CHARACTER_BYTES_MAX;
    if (end + bytesMax > chunk.byteLength) {
      if (end > 0) yield chunk.subarray(0, end);
      // What was given out belongs to the socket now.
      chunk = Buffer.allocUnsafeSlow(Math.max(COPY_CHUNK_BYTES, bytesMax));
      end = 0;
    }
    end += chunk.write(text, end);
  }
  if (end > 0) yield chunk.subarray(0, end);
}

function copyLine(row: RowSet['rows'][number]): string {
  const fields = new Array<string>(row.length);
  for (let index = 0; index < row.length; index++) {
    const value = row[index];
    fields[index] = value === null || value === undefined ? '\\N' : copyText(value);
  }
  return `${fields.join('\t')}\n`;
}

/** One literal of a text array for each column. */
export function arrayParameters(set: RowSet): string[] {
  return set.columns.map((_, index) => {
    let text = '{';
    for (const row of set.rows) {
      if (text.length > 1) text += ',';
      const value = row[index];
      text +=
        value === null || value === undefined ? 'NULL' : `"${value.replace(/["\\]/g, '\\$&')}"`;
    }
    return `${text}}`;
  });
}
