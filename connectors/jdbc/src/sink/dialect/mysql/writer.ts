import type { ResultSetHeader } from 'mysql2';
import { nullRefused, rowTooLarge, valueChanged } from '../../../errors.ts';
import type { EncodedRows } from '../../run/run-rows.ts';
import type { ConflictRule, RowSet } from '../../write/session.ts';
import type { MysqlConnection } from './connection.ts';
import { DirectLoad } from './direct-load.ts';
import { lineChunks, loadChunks, rowsOfLines } from './load-text.ts';
import { literalsFor } from './literal.ts';
import { hasRowAlias } from './server.ts';
import {
  deleteConditions,
  deleteHead,
  insertHead,
  insertTail,
  rowSql,
  updateSql,
} from './statements.ts';

/** Larger statements are no faster, and are held several times. */
const STATEMENT_CHARS_MAX = 1 << 20;
/** Of one LOAD DATA, as all its bytes are held at once. */
const FILE_CHARS_MAX = 4 << 20;
const FILE_BYTES_MAX = 4 << 20;
const UPDATES_MAX = 500;
const DELETES_MAX = 1_000;
/** What a statement has beside its rows, and the protocol's own bytes. */
const PACKET_SLACK_BYTES = 4_096;

/** Warnings that say nothing about values: deprecated syntax. */
const HARMLESS_WARNINGS: ReadonlySet<number> = new Set([1287, 1681, 3719, 3720, 3761, 3778]);

/** Writes row sets as statements of many rows, within the server's bound for a statement. */
export class RowWriter {
  readonly #connection: MysqlConnection;
  readonly #rowsMax: number;
  readonly #direct: DirectLoad;

  constructor(connection: MysqlConnection, rowsMax: number) {
    this.#connection = connection;
    this.#rowsMax = rowsMax;
    this.#direct = new DirectLoad(connection);
  }

  async insert(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    const doing = `write to table ${set.table.name}`;
    checkTimes(set);
    for (const part of filesOf(set, this.#rowsMax)) {
      const chunks = (): Iterable<Buffer> => loadChunks(part.rows, part.columns);
      const isLoaded =
        !hasForbiddenNull(part) &&
        (await this.#direct.insert(part, part.rows.length, chunks, doing, signal));
      if (!isLoaded) await this.#insertValues(part, rule, doing, signal);
    }
  }

  /** The same for the lines of a file. */
  async insertRows(rows: EncodedRows, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    const doing = `write to table ${rows.table.name}`;
    const { table, columns, keyCount } = rows;
    for (const { lines, count } of linesOf(rows)) {
      const chunks = (): Iterable<Buffer> => lineChunks(lines);
      if (await this.#direct.insert(rows, count, chunks, doing, signal)) continue;
      const set = { table, columns, keyCount, rows: rowsOfLines(lines) };
      await this.#insertValues(set, rule, doing, signal);
    }
  }

  /** Returns the indexes of the rows that have no counterpart in the table. */
  async update(set: RowSet, signal: AbortSignal): Promise<readonly number[]> {
    const doing = `update table ${set.table.name}`;
    checkTimes(set);
    const unmatched: number[] = [];
    const literals = literalsFor(set.columns);
    const chunks = this.#chunks(set, UPDATES_MAX, (values) => updateSql(set, values, literals));
    for (const { parts, from } of chunks) {
      const headers = await this.#connection.execute(parts.join(';'), doing, signal);
      await this.#checkValues(headers, doing, signal);
      headers.forEach((header, index) => {
        if (header.affectedRows === 0) unmatched.push(from + index);
      });
    }
    return unmatched;
  }

  async delete(set: RowSet, signal: AbortSignal): Promise<void> {
    const doing = `delete from table ${set.table.name}`;
    const head = deleteHead(set);
    const literals = literalsFor(set.columns);
    for (let start = 0; start < set.rows.length; start += DELETES_MAX) {
      const rows = set.rows.slice(start, start + DELETES_MAX);
      const sql = `${head}${deleteConditions(set, rows, literals)}`;
      await this.#connection.execute(sql, doing, signal);
    }
  }

  async #insertValues(
    set: RowSet,
    rule: ConflictRule,
    doing: string,
    signal: AbortSignal,
  ): Promise<void> {
    const head = insertHead(set);
    const tail = insertTail(set, rule, hasRowAlias(this.#connection.server));
    const literals = literalsFor(set.columns);
    const toSql = (values: RowSet['rows'][number]): string => rowSql(values, literals);
    for (const { parts } of this.#chunks(set, this.#rowsMax, toSql)) {
      const sql = `${head}${parts.join(',')}${tail}`;
      await this.#checkValues(await this.#connection.execute(sql, doing, signal), doing, signal);
    }
  }

  *#chunks(
    set: RowSet,
    rowsMax: number,
    toSql: (values: RowSet['rows'][number]) => string,
  ): Generator<{ readonly parts: readonly string[]; readonly from: number }> {
    const { packetBytesMax } = this.#connection.server;
    // Characters are three bytes of UTF-8 at the most, so a chunk of several rows always fits.
    const charsMax = Math.min(STATEMENT_CHARS_MAX, Math.floor(packetBytesMax / 4));
    let parts: string[] = [];
    let chars = 0;
    let from = 0;
    for (let index = 0; index < set.rows.length; index++) {
      const part = toSql(set.rows[index] ?? []);
      if (part.length > charsMax) {
        const bytes = Buffer.byteLength(part) + PACKET_SLACK_BYTES;
        if (bytes > packetBytesMax) throw rowTooLarge(set.table.sql, bytes, packetBytesMax);
      }
      if (parts.length > 0 && (parts.length >= rowsMax || chars + part.length > charsMax)) {
        yield { parts, from };
        parts = [];
        chars = 0;
        from = index;
      }
      parts.push(part);
      chars += part.length + 1;
    }
    if (parts.length > 0) yield { parts, from };
  }

  /** INV-8: even in strict mode some values are cut or rounded with a mere note; such a batch is not kept. */
  async #checkValues(
    headers: readonly ResultSetHeader[],
    doing: string,
    signal: AbortSignal,
  ): Promise<void> {
    if (!headers.some((header) => header.warningStatus > 0)) return;
    // Of several statements the warnings of the last alone can be had: each is tried on its own then.
    if (headers.length > 1) throw valueChanged(doing, 'a value was changed');
    const warnings = await this.#connection.query(
      'SHOW WARNINGS LIMIT 64',
      'read warnings',
      signal,
    );
    const grave = warnings.find(({ Code: code }) => !HARMLESS_WARNINGS.has(Number(code)));
    if (grave !== undefined) throw valueChanged(doing, String(grave['Message']));
  }
}

/** Row sets that may be held as the bytes of a file beside their texts; a row too large for that is one of its own. */
function* filesOf(set: RowSet, rowsMax: number): Generator<RowSet> {
  let start = 0;
  let chars = 0;
  for (let index = 0; index < set.rows.length; index++) {
    let rowChars = 0;
    for (const value of set.rows[index] ?? []) rowChars += value?.length ?? 0;
    if (index > start && (index - start >= rowsMax || chars + rowChars > FILE_CHARS_MAX)) {
      yield { ...set, rows: set.rows.slice(start, index) };
      start = index;
      chars = 0;
    }
    chars += rowChars;
  }
  yield start === 0 ? set : { ...set, rows: set.rows.slice(start) };
}

/** INV-8: of NULL in a `timestamp NOT NULL` MariaDB, and MySQL by `explicit_defaults_for_timestamp`, make the time of now. */
function checkTimes({ columns, rows }: RowSet): void {
  columns.forEach(({ isRequired, name, type }, index) => {
    if (!isRequired || type.castName !== 'timestamp') return;
    if (rows.some((values) => (values[index] ?? null) === null)) throw nullRefused(name);
  });
}

function* linesOf({
  bytes,
  count,
  ends,
}: EncodedRows): Generator<{ readonly lines: Buffer; readonly count: number }> {
  let start = 0;
  let first = 0;
  for (let index = 0; index < count; index++) {
    const end = ends[index] ?? 0;
    const next = ends[index + 1];
    if (next !== undefined && next - start <= FILE_BYTES_MAX) continue;
    yield { lines: bytes.subarray(start, end), count: index + 1 - first };
    start = end;
    first = index + 1;
  }
}

function hasForbiddenNull({ columns, rows }: RowSet): boolean {
  return columns.some(
    ({ isRequired }, index) =>
      isRequired && rows.some((values) => (values[index] ?? null) === null),
  );
}
