import type { BucketDigest, Range, RowDigests, TableReader } from './table-reader.ts';

export interface Readers {
  readonly source: TableReader;
  readonly target: TableReader;
}

export interface CompareOptions extends Readers {
  /** The first key column is an integer, by which ranges can be read. */
  readonly hasRanges: boolean;
  readonly signal: AbortSignal;
  readonly onRows: (rows: number) => void;
}

export interface Compared {
  readonly rows: number;
  readonly chunks: number;
  /** Keys whose rows were not the same when they were read: in flight, or different. */
  readonly suspects: readonly string[];
  /** There were more. */
  readonly isCut: boolean;
}

const ROWS_PER_CHUNK = 50_000;
/** INV-6: with so many suspects nobody wants to know each. */
const SUSPECTS_MAX = 20_000;

/** Both sides chunk by chunk; only of buckets whose digests differ the rows are looked at. */
export async function compareTable(options: CompareOptions): Promise<Compared> {
  const { source, target, hasRanges, signal } = options;
  const bounds = hasRanges ? await source.bounds(ROWS_PER_CHUNK, signal) : [];
  const ranges = rangesOf(bounds);
  const suspects = new Set<string>();
  let rows = 0;
  for (const range of ranges) {
    signal.throwIfAborted();
    const [left, right] = await Promise.all([source.digests(range), target.digests(range)]);
    const inChunk = [...left.values()].reduce((total, bucket) => total + bucket.rows, 0);
    rows += inChunk;
    options.onRows(inChunk);
    const buckets = differing(left, right);
    if (buckets.size === 0) continue;
    const [leftRows, rightRows] = await Promise.all([
      source.rows(range, buckets),
      target.rows(range, buckets),
    ]);
    for (const key of differingKeys(leftRows, rightRows)) suspects.add(key);
    if (suspects.size > SUSPECTS_MAX)
      return {
        rows,
        chunks: ranges.length,
        suspects: [...suspects].slice(0, SUSPECTS_MAX),
        isCut: true,
      };
  }
  return { rows, chunks: ranges.length, suspects: [...suspects], isCut: false };
}

function rangesOf(bounds: readonly string[]): readonly Range[] {
  const ends: readonly (string | null)[] = [...bounds, null];
  return ends.map((upTo, at) => ({ above: at === 0 ? null : (ends[at - 1] ?? null), upTo }));
}

function differing(
  left: ReadonlyMap<string, BucketDigest>,
  right: ReadonlyMap<string, BucketDigest>,
): ReadonlySet<string> {
  const names = new Set([...left.keys(), ...right.keys()]);
  return new Set(
    [...names].filter((name) => {
      const [one, other] = [left.get(name), right.get(name)];
      return one?.rows !== other?.rows || one?.sum !== other?.sum;
    }),
  );
}

function* differingKeys(left: RowDigests, right: RowDigests): Iterable<string> {
  for (const [key, digest] of left) if (right.get(key) !== digest) yield key;
  for (const key of right.keys()) if (!left.has(key)) yield key;
}
