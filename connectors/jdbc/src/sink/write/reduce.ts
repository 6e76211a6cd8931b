import type { Plan } from './plan.ts';

/** One record, ready to be applied. */
export interface Operation {
  /** Index in the batch given to `put`. */
  readonly index: number;
  readonly kind: 'write' | 'delete' | 'truncate';
  readonly plan: Plan;
  readonly key: string;
  readonly values: readonly (string | null)[];
}

/** The final state of one key: what is left to do for it. */
export interface KeyState {
  readonly key: string;
  /** Whether the row that was there before has to go first. */
  isDeleted: boolean;
  row: MergedRow | null;
}

export interface MergedRow {
  plan: Plan;
  values: readonly (string | null)[];
  /** True while columns that the source could not tell have not been told by an earlier record. */
  isPartial: boolean;
  readonly index: number;
}

/**
 * One final state per key, as an upsert may not touch a row twice, and as only the last state counts. Rows of
 * different columns are merged, so that an update without unchanged columns does not undo the insert before it.
 */
export function finalStates(
  operations: readonly Operation[],
  merge: (first: Plan, second: Plan) => Plan,
): KeyState[] {
  const states = new Map<string, KeyState>();
  for (const operation of operations) {
    const { key, plan, values, index } = operation;
    let state = states.get(key);
    if (state === undefined) {
      state = { key, isDeleted: false, row: null };
      states.set(key, state);
    }
    if (operation.kind === 'delete') {
      state.isDeleted = true;
      state.row = null;
      continue;
    }
    const isPartial = plan.unavailable.length > 0;
    const before = state.row;
    if (before === null || before.plan === plan) {
      state.row = { plan, values, isPartial, index };
      continue;
    }
    const merged = merge(before.plan, plan);
    state.row = {
      plan: merged,
      values: mergedValues(merged, before, plan, values),
      isPartial: before.isPartial && isPartial,
      index,
    };
  }
  return [...states.values()];
}

function mergedValues(
  merged: Plan,
  before: MergedRow,
  plan: Plan,
  values: readonly (string | null)[],
): (string | null)[] {
  const byName = new Map<string, string | null>();
  before.plan.columns.forEach((column, index) =>
    byName.set(column.name, before.values[index] ?? null),
  );
  plan.columns.forEach((column, index) => byName.set(column.name, values[index] ?? null));
  return merged.columns.map((column) => byName.get(column.name) ?? null);
}

/** A plan with the columns of both; the same object for the same two, so that rows are grouped by it. */
export class PlanMerger {
  readonly #merged = new WeakMap<Plan, WeakMap<Plan, Plan>>();

  readonly merge = (first: Plan, second: Plan): Plan => {
    const names = new Set(second.columns.map((column) => column.name));
    const added = first.columns.filter((column) => !names.has(column.name));
    if (added.length === 0) return second;
    let bySecond = this.#merged.get(first);
    if (bySecond === undefined) {
      bySecond = new WeakMap();
      this.#merged.set(first, bySecond);
    }
    let plan = bySecond.get(second);
    if (plan === undefined) {
      plan = { ...second, columns: [...second.columns, ...added] };
      bySecond.set(second, plan);
    }
    return plan;
  };
}
