/** Row sets of a table that go the other way after a failure, twice as many after each, up to this. */
const REST_MAX = 128;

interface Trial {
  /** Row sets for which it is not tried. */
  rest: number;
  /** What `rest` will be after the next failure. */
  nextRest: number;
}

/**
 * Whether to try the quick way for new rows, which fails where their keys are there already: that can't be known before,
 * so it is tried less and less often for tables where it turned out so.
 */
export class Trials {
  readonly #trials = new Map<string, Trial>();

  /** Counts as a turn of the table. */
  isDue(tableId: string): boolean {
    const trial = this.#trials.get(tableId);
    if (trial === undefined || trial.rest === 0) return true;
    trial.rest--;
    return false;
  }

  failed(tableId: string): void {
    const rest = this.#trials.get(tableId)?.nextRest ?? 1;
    this.#trials.set(tableId, { rest, nextRest: Math.min(rest * 2, REST_MAX) });
  }

  succeeded(tableId: string): void {
    this.#trials.delete(tableId);
  }
}
