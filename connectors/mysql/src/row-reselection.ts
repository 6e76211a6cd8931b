import { rowNotAddressable, type RowReselection } from '@millrace/cdc';
import { MillraceError, type Clock } from '@millrace/foundation';
import { quoteName, quoteTable, quoteText } from './catalog.ts';
import type { Session } from './connection.ts';
import { RowRecord } from './row-record.ts';
import type { Settings } from './settings.ts';
import { RowQuery, type ReceivedRow } from './snapshot/row-query.ts';
import { textForm, type ShapeColumn, type TableShape } from './table-shape.ts';
import { decodeRow } from './types/render-row.ts';
import { emptyFields } from './types/row.ts';
import { selectExpression } from './types/snapshot-sql.ts';
import { readTextRow } from './types/text-row.ts';

/** A session that breaks while it is asked is opened again once. */
const TRIES = 2;
const WAIT_MS = 1000;
const NUMBERS = /^(?:tinyint|smallint|mediumint|int|bigint|year)$/;
const TEXTS = /^(?:char|varchar|tinytext|text|mediumtext|longtext|enum|uuid|inet4|inet6|decimal)$/;
const BYTES = /^(?:binary|varbinary|tinyblob|blob|mediumblob|longblob)$/;

export interface ReselectionOptions {
  readonly sessions: () => Promise<Session>;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Rows of changes, read again by their key. */
export function rowReselection(options: ReselectionOptions): RowReselection {
  return {
    tableOf: (record) => (record instanceof RowRecord ? idOf(record.shape) : undefined),
    select: async (record, fields, byEventKey) => {
      if (!(record instanceof RowRecord)) return undefined;
      const { shape } = record;
      const wanted = shape.columns.filter(({ field }) => fields.includes(field));
      const selected = wanted.map(({ index }) => index);
      const form = textForm(shape, selected);
      const list = selected.flatMap((index) => {
        const column = shape.description.columns[index];
        return column === undefined ? [] : [selectExpression(column)];
      });
      const table = quoteTable({ database: shape.database, name: shape.table });
      const row = await rowOf(
        options,
        `SELECT ${list.join(', ')} FROM ${table} WHERE ${condition(record, byEventKey)}`,
      );
      if (row === undefined) return undefined;
      const columns = form.columns.filter(({ field }) => fields.includes(field));
      return decodeRow(columns, readTextRow(row.buffer, row.start, row.end, emptyFields()));
    },
  };
}

function condition(record: RowRecord, byEventKey: boolean): string {
  const { shape } = record;
  const own = shape.description.key.flatMap(
    (name) => shape.columns.find((column) => column.name === name) ?? [],
  );
  const isOwn = !byEventKey && own.length > 0 && own.length === shape.description.key.length;
  const key = isOwn ? own : shape.keyColumns;
  if (key.length === 0) throw rowNotAddressable(idOf(shape), 'it has no key');
  const values = record.newValues(key);
  return key
    .map(
      (column) => `${quoteName(column.name)} = ${literalOf(column, values[column.field], shape)}`,
    )
    .join(' AND ');
}

/** Of the value as events carry it. */
function literalOf({ index, name }: ShapeColumn, value: unknown, shape: TableShape): string {
  const type = shape.description.columns[index]?.type ?? '';
  const isUnsigned = shape.description.columns[index]?.isUnsigned === true;
  if (NUMBERS.test(type) && (typeof value === 'number' || typeof value === 'bigint'))
    // `bigint.unsigned.handling.mode=long` carries 2^63 and above as negative numbers.
    return isUnsigned && value < 0 ? String(BigInt.asUintN(64, BigInt(value))) : String(value);
  if (typeof value === 'string' && (TEXTS.test(type) || NUMBERS.test(type)))
    return quoteText(value);
  if (BYTES.test(type) && value instanceof Uint8Array)
    return `x'${Buffer.from(value).toString('hex')}'`;
  throw rowNotAddressable(idOf(shape), `"${name}" of its key is of type ${type}`);
}

async function rowOf(options: ReselectionOptions, sql: string): Promise<ReceivedRow | undefined> {
  for (let attempt = 1; ; attempt++) {
    const session = await options.sessions();
    try {
      return await queryRow(options, session, sql);
    } catch (error) {
      options.signal.throwIfAborted();
      const failure = session.classify(error);
      const isPassing = failure instanceof MillraceError && failure.retry === 'retriable';
      if (!isPassing || attempt === TRIES) throw failure;
    }
  }
}

async function queryRow(
  { clock, settings, signal }: ReselectionOptions,
  { connection }: Session,
  sql: string,
): Promise<ReceivedRow | undefined> {
  const query = new RowQuery({ connection, sql, clock, bytesMax: settings.queueBytesMax });
  let found: ReceivedRow | undefined;
  while (!query.isDone) {
    await query.wait(WAIT_MS, signal);
    for (let row = query.take(); row !== undefined; row = query.take()) found = row;
  }
  await query.wait(0, signal); // throws what ended it
  return found;
}

function idOf({ database, table }: TableShape): string {
  return `${database}.${table}`;
}
