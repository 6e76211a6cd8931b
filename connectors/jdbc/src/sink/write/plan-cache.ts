import { schemasEqual, type StructSchema } from '@millrace/record';
import type { Part } from '../change.ts';
import type { IndexedChange } from '../dialect/dialect.ts';
import type { Settings } from '../settings.ts';
import { makePlan, type Plan, type PlanShape } from './plan.ts';
import type { Database } from './session.ts';
import type { Table } from './table.ts';

const SHAPES_MAX = 2_000;
const SCHEMAS_MAX = 2_000;

/** A schema by identity, field names without one, null for no part. */
type Shape = StructSchema | readonly string[] | null;

interface LastShape {
  readonly topic: string;
  readonly isEnvelope: boolean;
  readonly key: Shape;
  readonly row: Shape;
  readonly plan: Plan;
}

function shapeOf(part: Part | null): Shape {
  return part === null ? null : (part.schema ?? Object.keys(part.fields));
}

function isSamePart(shape: Shape, part: Part | null): boolean {
  if (part === null || shape === null) return part === shape;
  if (part.schema !== null) return part.schema === shape;
  if (!isNames(shape)) return false;
  let index = 0;
  for (const name in part.fields) if (shape[index++] !== name) return false;
  return index === shape.length;
}

function isNames(shape: StructSchema | readonly string[]): shape is readonly string[] {
  return Array.isArray(shape);
}

/** Plans by the shape of records. Shapes are told by schema identity where there are schemas, else by field names. */
export class PlanCache {
  /** Of each table the shape of the record before: mostly that of the next one, and cheap to compare. */
  readonly #last = new WeakMap<Table, LastShape>();

  readonly #database: Database;
  readonly #settings: Settings;
  #plans = new Map<string, { readonly table: Table; readonly plan: Plan }>();
  #numbers = new WeakMap<StructSchema, number>();
  readonly #recent = new Map<number, StructSchema>();
  #schemaCount = 0;

  constructor(database: Database, settings: Settings) {
    this.#database = database;
    this.#settings = settings;
  }

  forget(): void {
    this.#plans.clear();
  }

  find(table: Table, topic: string, change: IndexedChange['change']): Plan {
    const key = change.kind === 'truncate' ? null : change.key;
    const row = change.kind === 'write' ? change.row : null;
    const unavailable = change.kind === 'write' ? change.unavailable : null;
    const isEnvelope = change.kind !== 'truncate' && change.isEnvelope;
    if (unavailable !== null)
      return this.#findByText(table, { topic, key, row, unavailable, isEnvelope });
    const last = this.#last.get(table);
    if (
      last?.isEnvelope === isEnvelope &&
      last.topic === topic &&
      isSamePart(last.key, key) &&
      isSamePart(last.row, row)
    )
      return last.plan;
    const plan = this.#findByText(table, { topic, key, row, unavailable, isEnvelope });
    this.#last.set(table, { topic, isEnvelope, key: shapeOf(key), row: shapeOf(row), plan });
    return plan;
  }

  #findByText(table: Table, shape: PlanShape): Plan {
    const { topic, key, row, unavailable, isEnvelope } = shape;
    const text = `${table.id}\n${topic}\n${this.#shapeText(key)}\n${this.#shapeText(row)}\n${isEnvelope ? 1 : 0}${
      unavailable === null ? '' : [...unavailable].join('\0')
    }`;
    const known = this.#plans.get(text);
    if (known?.table === table) return known.plan;
    if (this.#plans.size >= SHAPES_MAX) this.#plans.clear(); // INV-6; made again when needed
    const plan = makePlan(table, shape, this.#database, this.#settings);
    this.#plans.set(text, { table, plan });
    return plan;
  }

  #shapeText(part: Part | null): string {
    if (part === null) return '-';
    if (part.schema !== null) return String(this.#numberOf(part.schema));
    let shape = '';
    for (const name in part.fields) shape += `${name}\0`;
    return shape;
  }

  /** The number of a schema; equal ones share theirs, as a converter may make a new object for each record. */
  #numberOf(schema: StructSchema): number {
    const known = this.#numbers.get(schema);
    if (known !== undefined) return known;
    for (const [number, recent] of this.#recent) {
      if (!schemasEqual(recent, schema)) continue;
      this.#numbers.set(schema, number);
      return number;
    }
    if (this.#recent.size >= SCHEMAS_MAX) {
      this.#recent.clear();
      this.#numbers = new WeakMap();
      this.#plans.clear();
    }
    const number = ++this.#schemaCount;
    this.#numbers.set(schema, number);
    this.#recent.set(number, schema);
    return number;
  }
}
