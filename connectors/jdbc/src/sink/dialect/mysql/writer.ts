import type { ResultSetHeader } from 'mysql2';
import { rowTooLarge, valueChanged } from '../../../errors.ts';
import type { ConflictRule, RowSet } from '../../write/session.ts';
import type { MysqlConnection } from './connection.ts';
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

  constructor(connection: MysqlConnection, rowsMax: number) {
    this.#connection = connection;
    this.#rowsMax = rowsMax;
  }

  async insert(set: RowSet, rule: ConflictRule, signal: AbortSignal): Promise<void> {
    const doing = `write to table ${set.table.name}`;
    const head = insertHead(set);
    const tail = insertTail(set, rule, hasRowAlias(this.#connection.server));
    for (const { parts } of this.#chunks(set, this.#rowsMax, rowSql)) {
      const sql = `${head}${parts.join(',')}${tail}`;
      await this.#checkValues(await this.#connection.execute(sql, doing, signal), doing, signal);
    }
  }

  /** Returns the indexes of the rows that have no counterpart in the table. */
  async update(set: RowSet, signal: AbortSignal): Promise<readonly number[]> {
    const doing = `update table ${set.table.name}`;
    const unmatched: number[] = [];
    const chunks = this.#chunks(set, UPDATES_MAX, (values) => updateSql(set, values));
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
    for (let start = 0; start < set.rows.length; start += DELETES_MAX) {
      const rows = set.rows.slice(start, start + DELETES_MAX);
      await this.#connection.execute(`${head}${deleteConditions(set, rows)}`, doing, signal);
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
