import type { OffsetValue, SourceOffset } from '@millrace/record';
import { readKeyValues } from './java-reader.ts';
import type { KeyValues } from './java-values.ts';
import { writeKeyValues } from './java-writer.ts';

/** A table that waits for its incremental snapshot, or is in it. */
export interface IncrementalTable {
  /** As signals name it: `schema.table` or `database.table`. */
  readonly id: string;
  /** What follows WHERE; null: all rows. */
  readonly condition: string | null;
  /** The column to go by in place of the key. */
  readonly surrogateKey: string | null;
}

/** How far an incremental snapshot is. Immutable: each record keeps the one that holds once it is delivered. */
export interface IncrementalState {
  /** The first one is being read. Empty: none runs. */
  readonly tables: readonly IncrementalTable[];
  /** Key of the last row that was handed out; null: none of the first table yet. */
  readonly lastKey: KeyValues | null;
  /** Highest key of the first table, when its reading began. */
  readonly maximumKey: KeyValues | null;
  /** The id of the signal; notifications carry it. */
  readonly correlationId: string | null;
  readonly isPaused: boolean;
  /** Offset of the last signal that was taken from the log topic. */
  readonly signalOffset: number | null;
}

export const NO_INCREMENTAL: IncrementalState = {
  tables: [],
  lastKey: null,
  maximumKey: null,
  correlationId: null,
  isPaused: false,
  signalOffset: null,
};

const PREFIX = 'incremental_snapshot_';
const COLLECTIONS = `${PREFIX}collections`;

/**
 * The keys to add to an offset, Debezium's own. `incremental_snapshot_paused` and `incremental_snapshot_signal_offset`
 * are ours; it ignores them.
 */
export function incrementalOffset(state: IncrementalState): SourceOffset {
  const offset: Record<string, OffsetValue> = {};
  if (state.signalOffset !== null) offset[`${PREFIX}signal_offset`] = state.signalOffset;
  if (state.tables.length === 0) return offset;
  offset[`${PREFIX}primary_key`] = writeKeyValues(state.lastKey);
  offset[`${PREFIX}maximum_key`] = writeKeyValues(state.maximumKey);
  offset[COLLECTIONS] = JSON.stringify(
    state.tables.map((table) => ({
      [`${COLLECTIONS}_id`]: table.id,
      [`${COLLECTIONS}_additional_condition`]: table.condition,
      [`${COLLECTIONS}_surrogate_key`]: table.surrogateKey,
    })),
  );
  offset[`${PREFIX}correlation_id`] = state.correlationId;
  if (state.isPaused) offset[`${PREFIX}paused`] = true;
  return offset;
}

/**
 * What an offset says of an incremental snapshot, of ours or Debezium's. `problem`: its position in the first table
 * can't be read (a key of a class that is not known): that table begins again.
 */
export function incrementalStateOf(offset: SourceOffset | undefined): {
  readonly state: IncrementalState;
  readonly problem?: string;
} {
  const signalOffset = offset?.[`${PREFIX}signal_offset`];
  const empty = {
    ...NO_INCREMENTAL,
    signalOffset:
      typeof signalOffset === 'number' || typeof signalOffset === 'bigint'
        ? Number(signalOffset)
        : null,
  };
  const collections = offset?.[COLLECTIONS];
  if (offset === undefined || typeof collections !== 'string') return { state: empty };
  const tables = tablesOf(collections);
  if (tables === undefined) return { state: empty, problem: `"${COLLECTIONS}" can't be read` };
  const correlationId = offset[`${PREFIX}correlation_id`];
  const state = {
    ...empty,
    tables,
    correlationId: typeof correlationId === 'string' ? correlationId : null,
    isPaused: offset[`${PREFIX}paused`] === true,
  };
  try {
    const lastKey = keyOf(offset[`${PREFIX}primary_key`]);
    const maximumKey = keyOf(offset[`${PREFIX}maximum_key`]);
    if ([...(lastKey ?? []), ...(maximumKey ?? [])].some((value) => value?.type === 'other'))
      return { state, problem: 'its key is of a Java class that is not known' };
    return { state: { ...state, lastKey, maximumKey } };
  } catch (error) {
    return { state, problem: error instanceof Error ? error.message : String(error) };
  }
}

function keyOf(value: OffsetValue | undefined): KeyValues | null {
  return typeof value === 'string' ? readKeyValues(value) : null;
}

function tablesOf(json: string): readonly IncrementalTable[] | undefined {
  try {
    const list: unknown = JSON.parse(json);
    if (!Array.isArray(list)) return undefined;
    return list.map((entry: unknown) => {
      const { id, condition, surrogateKey } = fieldsOf(entry);
      if (id === null) throw new TypeError('a table without a name');
      return { id, condition, surrogateKey };
    });
  } catch {
    return undefined; // told by the caller
  }
}

function fieldsOf(entry: unknown): Record<'id' | 'condition' | 'surrogateKey', string | null> {
  const text = (name: string): string | null => {
    if (typeof entry !== 'object' || entry === null) return null;
    const value = new Map<string, unknown>(Object.entries(entry)).get(`${COLLECTIONS}_${name}`);
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    id: text('id'),
    condition: text('additional_condition'),
    surrogateKey: text('surrogate_key'),
  };
}
