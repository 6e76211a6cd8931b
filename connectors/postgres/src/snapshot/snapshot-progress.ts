import type { SourceOffset } from '@millrace/record';
import { SNAPSHOT_PROGRESS, type SnapshotKind } from '../position.ts';

/** Blocks of a table, from the first up to but not including the second; null: to its end. */
export type BlockRange = readonly [from: number, to: number | null];

/** What a blocking snapshot reads: so that it goes on after a restart as it was asked for. */
export interface SnapshotRequest {
  readonly signal: string;
  readonly tables: readonly { readonly id: string; readonly select: string | null }[];
}

interface SourceProgress {
  readonly fileNode: number;
  readonly done: readonly BlockRange[];
}

interface Stored {
  readonly v: 1;
  readonly done: readonly string[];
  readonly part: Readonly<
    Record<string, { readonly file: number; readonly blocks: readonly BlockRange[] }>
  >;
  readonly request?: SnapshotRequest;
}

/**
 * How far a snapshot is: the tables that are read, and of others the blocks that are. Only rows that were handed out
 * count. A table whose file is another one by now (VACUUM FULL, TRUNCATE, a rewriting ALTER TABLE) begins again, since
 * its rows stand elsewhere.
 */
export class SnapshotProgress {
  readonly kind: SnapshotKind;
  readonly request: SnapshotRequest | null;
  readonly #done: Set<string>;
  readonly #parts: Map<string, SourceProgress>;
  #extras: SourceOffset | null = null;

  constructor(kind: SnapshotKind, request: SnapshotRequest | null, stored: Stored | null = null) {
    this.kind = kind;
    this.request = request;
    this.#done = new Set(stored?.done);
    this.#parts = new Map(
      Object.entries(stored?.part ?? {}).map(([id, { file, blocks }]) => [
        id,
        { fileNode: file, done: blocks },
      ]),
    );
  }

  /** Undefined: not ours, or not understood. */
  static parse(text: string): SnapshotProgress | undefined {
    const stored = parseStored(text);
    if (stored === undefined) return undefined;
    const request = stored.request ?? null;
    return new SnapshotProgress(request === null ? 'INITIAL' : 'BLOCKING', request, stored);
  }

  /** Whether anything was read. */
  get isEmpty(): boolean {
    return this.#done.size === 0 && this.#parts.size === 0;
  }

  get doneCount(): number {
    return this.#done.size;
  }

  isTableDone(table: string): boolean {
    return this.#done.has(table);
  }

  /** What of a file is read, in order; nothing when it is another file by now. */
  doneBlocks(source: string, fileNode: number): readonly BlockRange[] {
    const part = this.#parts.get(source);
    return part?.fileNode === fileNode ? part.done : [];
  }

  /** Rows of these blocks were all handed out. */
  blocksDone(source: string, fileNode: number, range: BlockRange): void {
    const done = merged([...this.doneBlocks(source, fileNode), range]);
    this.#parts.set(source, { fileNode, done });
    this.#extras = null;
  }

  /** All of the table was handed out. */
  tableDone(table: string, sources: readonly string[]): void {
    this.#done.add(table);
    for (const source of sources) this.#parts.delete(source);
    this.#extras = null;
  }

  /** The keys for the offsets of records that are handed out from now on. */
  get extras(): SourceOffset {
    this.#extras ??= {
      snapshot: this.kind,
      snapshot_completed: false,
      last_snapshot_record: false,
      [SNAPSHOT_PROGRESS]: this.text,
    };
    return this.#extras;
  }

  get text(): string {
    const stored: Stored = {
      v: 1,
      done: [...this.#done],
      part: Object.fromEntries(
        [...this.#parts].map(([id, { fileNode, done }]) => [id, { file: fileNode, blocks: done }]),
      ),
      ...(this.request === null ? {} : { request: this.request }),
    };
    return JSON.stringify(stored);
  }
}

/** Ranges in order, those that touch as one. */
export function merged(ranges: readonly BlockRange[]): readonly BlockRange[] {
  const sorted = [...ranges].sort((left, right) => left[0] - right[0]);
  const result: BlockRange[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    const lastEnd = last === undefined ? -1 : (last[1] ?? Infinity);
    if (last === undefined || range[0] > lastEnd) result.push(range);
    else if (last[1] !== null && (range[1] === null || range[1] > last[1]))
      result[result.length - 1] = [last[0], range[1]];
  }
  return result;
}

function parseStored(text: string): Stored | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // as if there were none: the snapshot begins anew
  }
  return isStored(value) ? value : undefined;
}

function isStored(value: unknown): value is Stored {
  if (!isObject(value) || value['v'] !== 1) return false;
  const { done, part, request } = value;
  return (
    Array.isArray(done) &&
    done.every((table) => typeof table === 'string') &&
    isObject(part) &&
    Object.values(part).every(
      (one) =>
        isObject(one) &&
        typeof one['file'] === 'number' &&
        Array.isArray(one['blocks']) &&
        one['blocks'].every(isRange),
    ) &&
    (request === undefined || isRequest(request))
  );
}

function isRequest(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value['signal'] === 'string' &&
    Array.isArray(value['tables']) &&
    value['tables'].every((table) => isObject(table) && typeof table['id'] === 'string')
  );
}

function isRange(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    typeof value[0] === 'number' &&
    (value[1] === null || typeof value[1] === 'number')
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
