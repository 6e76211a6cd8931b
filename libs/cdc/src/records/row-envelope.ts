import { int64 } from '@millrace/record';
import type { Operation } from '../envelope.ts';

/** Parts of an envelope as JSON; what changes from row to row stands in between. */
export const ENVELOPE_JSON = {
  before: Buffer.from('{"before":'),
  after: Buffer.from(',"after":'),
  null: Buffer.from('null'),
} as const;

/** What all records decoded in one go share. */
export interface RowBatch {
  readonly nowMs: number;
  /** What follows `transaction`, by operation. */
  readonly tails: Map<Operation, Buffer>;
}

/** The end of an envelope as JSON, rendered once a batch. */
export function envelopeTail(batch: RowBatch, operation: Operation): Buffer {
  const known = batch.tails.get(operation);
  if (known !== undefined) return known;
  const { nowMs } = batch;
  const tail = Buffer.from(
    `,"op":"${operation}","ts_ms":${nowMs},"ts_us":${nowMs}000,"ts_ns":${nowMs}000000}`,
  );
  batch.tails.set(operation, tail);
  return tail;
}

export interface EnvelopeParts {
  readonly before: unknown;
  readonly after: unknown;
  readonly source: unknown;
  readonly place: TransactionPlace | null;
  readonly operation: Operation;
  readonly nowMs: number;
}

/** An envelope as a value. */
export function envelopeValue(parts: EnvelopeParts): Readonly<Record<string, unknown>> {
  const { nowMs } = parts;
  return {
    before: parts.before,
    after: parts.after,
    source: parts.source,
    transaction: placeValue(parts.place),
    op: parts.operation,
    ts_ms: nowMs,
    ts_us: nowMs * 1000,
    ts_ns: int64(BigInt(nowMs) * 1_000_000n),
  };
}

/** Where an event stands in its transaction; with `provide.transaction.metadata`. */
export interface TransactionPlace {
  readonly id: string;
  readonly totalOrder: number;
  readonly tableOrder: number;
}

/** The transaction block as a value. */
export function placeValue(
  place: TransactionPlace | null,
): Readonly<Record<string, unknown>> | null {
  return place === null
    ? null
    : {
        id: place.id,
        total_order: place.totalOrder,
        data_collection_order: place.tableOrder,
      };
}

/** The transaction block as JSON. */
export function placeText(place: TransactionPlace): string {
  return `{"id":${JSON.stringify(place.id)},"total_order":${place.totalOrder},"data_collection_order":${place.tableOrder}}`;
}

/** A member of a row; assigning the one name would set the prototype in place of it. */
export function setMember(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(row, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  else row[name] = value;
}
