/** A set of offsets, kept as runs: `next` and everything below, and runs above it. Immutable. */
export class OffsetRanges {
  /** Everything below is in the set. */
  readonly next: number;
  /** Ascending, apart from each other and from `next`; both ends are in the set. */
  readonly #runs: readonly (readonly [number, number])[];

  private constructor(next: number, runs: readonly (readonly [number, number])[]) {
    this.next = next;
    this.#runs = runs;
  }

  static readonly empty = new OffsetRanges(0, []);

  /** Of `next` and `text`; undefined for what is neither ours nor sound. */
  static parse(next: unknown, text: unknown): OffsetRanges | undefined {
    if (!isOffset(next) || typeof text !== 'string') return undefined;
    const runs: [number, number][] = [];
    let above = next;
    for (const part of text === '' ? [] : text.split(',')) {
      const [, from = '', to = from] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
      const run: [number, number] = [Number(from), Number(to)];
      if (from === '' || run[0] <= above || run[1] < run[0]) return undefined;
      runs.push(run);
      above = run[1];
    }
    return new OffsetRanges(next, runs);
  }

  /** The runs above `next`, such as `7-9,12`. */
  get text(): string {
    return this.#runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
  }

  get runCount(): number {
    return this.#runs.length;
  }

  has(offset: number): boolean {
    return offset < this.next || this.#runs.some(([from, to]) => offset >= from && offset <= to);
  }

  /** With these too; `earliest`: nothing below exists any more, so it counts as in the set. */
  with(offsets: readonly number[], earliest = 0): OffsetRanges {
    const all = [...this.#runs, ...offsets.map((offset) => [offset, offset] as const)].sort(
      ([left], [right]) => left - right,
    );
    let next = Math.max(this.next, earliest);
    const runs: [number, number][] = [];
    for (const [from, to] of all) {
      const last = runs.at(-1);
      if (from <= next) next = Math.max(next, to + 1);
      else if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
      else runs.push([from, to]);
    }
    return new OffsetRanges(next, runs);
  }
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
