import type { ConsumedRecord } from '@millrace/kafka-client';
import type { Change } from './steady-writer.ts';

/** By the run of a task that sent them: what a killed one had sent may arrive after its end. */
export function runsOf(changes: readonly Read[]): readonly (readonly [Read, ...Read[]])[] {
  const runs = new Map<string, [Read, ...Read[]]>();
  for (const change of changes) {
    const run = runs.get(change.run);
    if (run === undefined) runs.set(change.run, [change]);
    else run.push(change);
  }
  return [...runs.values()];
}

export function late(run: readonly Read[]): readonly Read[] {
  return run.filter(({ lsn }, index) => Number(lsn) < Number(run[index - 1]?.lsn ?? 0));
}

/** Changes whose place in their transaction does not follow that of the one before, if that is of the same. */
export function miscounted(changes: readonly Read[]): readonly Read[] {
  return changes.filter((change, index) => {
    const before = changes[index - 1];
    if (before === undefined || Number(before.lsn) >= Number(change.lsn)) return false; // again
    return change.order !== (before.transaction === change.transaction ? before.order + 1 : 1);
  });
}

export function nameOf({ lsn, op, id }: Change): string {
  return `${lsn} ${op} ${id}`;
}

/** A change in the topic: its offset there, and its place in its transaction. */
export interface Read extends Change {
  readonly record: number;
  /** Of the header that each start of a task has a value of its own for. */
  readonly run: string;
  readonly transaction: string;
  readonly order: number;
}

/** Of a tombstone nothing. */
export function changeOf({ key, value, offset, headers }: ConsumedRecord): Read | undefined {
  if (value === null) return undefined;
  const { id } = JSON.parse(textOf(key)) as { id: number }; // of the table's key
  const { op, source, transaction } = JSON.parse(textOf(value)) as Envelope;
  return {
    lsn: String(source.lsn),
    op,
    id,
    record: offset,
    run: textOf(headers.find((header) => header.key === '__debezium.context.runId')?.value ?? null),
    transaction: transaction.id.split(':')[0] ?? '',
    order: transaction.total_order,
  };
}

interface Envelope {
  readonly op: string;
  readonly source: { readonly lsn: number };
  readonly transaction: { readonly id: string; readonly total_order: number };
}

export function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes).toString('utf8');
}
