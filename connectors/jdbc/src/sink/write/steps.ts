import { partialRowWithoutTarget } from '../../errors.ts';
import type { InsertMode } from '../settings.ts';
import { compareKeys, type Plan } from './plan.ts';
import {
  finalStates,
  type KeyState,
  type MergedRow,
  type Operation,
  type PlanMerger,
} from './reduce.ts';
import type { ConflictRule, RowSet, Session } from './session.ts';
import type { Table } from './table.ts';

/** What has to be done, in statements: nothing here decides about order any more. */
export interface Step {
  readonly truncate: Table | null;
  readonly deletes: readonly RowSet[];
  readonly inserts: readonly { readonly set: RowSet; readonly rule: ConflictRule }[];
  readonly updates: readonly UpdateSet[];
}

export interface UpdateSet {
  readonly set: RowSet;
  /** Rows that must be found, as they hold a part of the row alone. */
  readonly isPartial: boolean;
  readonly unavailable: readonly string[];
}

export interface StepOptions {
  readonly mode: InsertMode;
  /** Inserting again what is there already is no error (keys are Kafka's coordinates). */
  readonly isRepeatHarmless: boolean;
  readonly merger: PlanMerger;
}

/** Steps for operations in order; each step may be executed as whole statements. */
export function planSteps(operations: readonly Operation[], options: StepOptions): Step[] {
  const byTable = new Map<string, Operation[]>();
  for (const operation of operations) {
    const list = byTable.get(operation.plan.table.id);
    if (list === undefined) byTable.set(operation.plan.table.id, [operation]);
    else list.push(operation);
  }
  const steps: Step[][] = [];
  for (const list of byTable.values()) {
    segments(list, options.mode === 'insert').forEach((segment, index) => {
      (steps[index] ??= []).push(stepOf(segment, options));
    });
  }
  return steps.flatMap((round) => mergeRound(round));
}

/** A truncate stands between what came before and after; without a key, so do changes from insert to delete. */
function segments(operations: readonly Operation[], isOrdered: boolean): Operation[][] {
  const found: Operation[][] = [];
  let kind: Operation['kind'] | undefined;
  for (const operation of operations) {
    const current = found.at(-1);
    const isBoundary =
      operation.kind === 'truncate' ||
      kind === 'truncate' ||
      (isOrdered && operation.kind !== kind);
    if (current === undefined || isBoundary) found.push([operation]);
    else current.push(operation);
    kind = operation.kind;
  }
  return found;
}

function stepOf(operations: readonly Operation[], options: StepOptions): Step {
  const [first] = operations;
  if (first?.kind === 'truncate')
    return { truncate: first.plan.table, deletes: [], inserts: [], updates: [] };
  if (options.mode === 'insert' && first?.kind === 'write') return insertStep(operations, options);
  return keyedStep(finalStates(operations, options.merger.merge), options.mode, operations);
}

function insertStep(operations: readonly Operation[], options: StepOptions): Step {
  const byPlan = new Map<Plan, Operation[]>();
  const updates: Operation[] = [];
  for (const operation of operations) {
    if (operation.plan.unavailable.length > 0) updates.push(operation);
    else push(byPlan, operation.plan, operation);
  }
  const rule: ConflictRule = options.isRepeatHarmless ? 'ignore' : 'fail';
  return {
    truncate: null,
    deletes: [],
    inserts: [...byPlan].map(([plan, list]) => ({
      set: { ...setOf(plan), rows: list.map((operation) => operation.values) },
      rule,
    })),
    // An insert can't leave out what the row has; it is refused like an update without a row.
    updates: updates.map((operation) => ({
      set: { ...setOf(operation.plan), rows: [operation.values] },
      isPartial: true,
      unavailable: operation.plan.unavailable,
    })),
  };
}

function keyedStep(states: KeyState[], mode: InsertMode, operations: readonly Operation[]): Step {
  states.sort((left, right) => compareKeys(left.key, right.key));
  const lastDelete = new Map<string, Operation>();
  for (const operation of operations)
    if (operation.kind === 'delete') lastDelete.set(operation.key, operation);
  const deletes = new Map<Plan, (readonly (string | null)[])[]>();
  for (const state of states) {
    const operation = state.isDeleted ? lastDelete.get(state.key) : undefined;
    if (operation !== undefined) push(deletes, operation.plan, operation.values);
  }
  const whole = new Map<Plan, MergedRow[]>();
  const partial = new Map<Plan, MergedRow[]>();
  for (const { row } of states)
    if (row !== null) push(row.isPartial || mode === 'update' ? partial : whole, row.plan, row);
  return {
    truncate: null,
    deletes: [...deletes].map(([plan, rows]) => ({ ...setOf(plan), rows })),
    inserts: [...whole].map(([plan, rows]) => ({
      set: rowSet(plan, rows),
      rule: 'update' as const,
    })),
    updates: [...partial].map(([plan, rows]) => ({
      set: rowSet(plan, rows),
      isPartial: mode !== 'update' && plan.unavailable.length > 0,
      unavailable: plan.unavailable,
    })),
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function setOf(plan: Plan): Omit<RowSet, 'rows'> {
  return { table: plan.table, columns: plan.columns, keyCount: plan.keyCount };
}

function rowSet(plan: Plan, rows: readonly MergedRow[]): RowSet {
  return { ...setOf(plan), rows: rows.map((row) => row.values) };
}

/** Steps of different tables in one: tables that are referred to are filled first and emptied last. */
function mergeRound(round: readonly Step[]): Step[] {
  if (round.some((step) => step.truncate !== null) || round.length < 2) return [...round];
  const sets = round.flatMap((step) => [
    ...step.deletes,
    ...step.inserts.map((insert) => insert.set),
    ...step.updates.map((update) => update.set),
  ]);
  const depths = referenceDepths(sets.map((set) => set.table));
  const depth = (set: RowSet): number => depths.get(set.table.id) ?? 0;
  return [
    {
      truncate: null,
      deletes: round.flatMap((step) => step.deletes).sort((a, b) => depth(b) - depth(a)),
      inserts: round.flatMap((step) => step.inserts).sort((a, b) => depth(a.set) - depth(b.set)),
      updates: round.flatMap((step) => step.updates).sort((a, b) => depth(a.set) - depth(b.set)),
    },
  ];
}

export function referenceDepths(tables: readonly Table[]): ReadonlyMap<string, number> {
  const byId = new Map(tables.map((table) => [table.id, table]));
  const depths = new Map<string, number>();
  const depthOf = (table: Table): number => {
    const known = depths.get(table.id);
    if (known !== undefined) return known;
    depths.set(table.id, 0); // a cycle counts as no reference
    const above = table.references.flatMap((id) => {
      const parent = byId.get(id);
      return parent === undefined || parent === table ? [] : [depthOf(parent) + 1];
    });
    const depth = Math.max(0, ...above);
    depths.set(table.id, depth);
    return depth;
  };
  for (const table of byId.values()) depthOf(table);
  return depths;
}

export interface Written {
  rows: number;
  deletes: number;
  unmatched: number;
}

/** Executes steps within the transaction that the caller has begun. @throws TargetError */
export async function applySteps(
  steps: readonly Step[],
  session: Session,
  signal: AbortSignal,
): Promise<Written> {
  const written: Written = { rows: 0, deletes: 0, unmatched: 0 };
  for (const step of steps) {
    if (step.truncate !== null) await session.truncate(step.truncate, signal);
    // Deletes go first: a new row may take over a unique value of one that goes.
    for (const set of step.deletes) {
      await session.delete(set, signal);
      written.deletes += set.rows.length;
    }
    for (const { set, rule } of step.inserts) {
      await session.insert(set, rule, signal);
      written.rows += set.rows.length;
    }
    for (const { set, isPartial, unavailable } of step.updates) {
      const unmatched = await session.update(set, signal);
      if (isPartial && unmatched.length > 0)
        throw partialRowWithoutTarget(set.table.sql, unavailable);
      written.rows += set.rows.length - unmatched.length;
      written.unmatched += unmatched.length;
    }
  }
  return written;
}
