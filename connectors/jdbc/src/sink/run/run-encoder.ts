import { isUtf8 } from 'node:buffer';
import type { LogRecord, SinkRun } from '@millrace/connector-api';
import { must } from '@millrace/foundation';
import { changeOf, UNAVAILABLE_HEADER, type Change } from '../change.ts';
import type { Settings } from '../settings.ts';
import type { Plan } from '../write/plan.ts';
import {
  layoutOf,
  rowStart,
  sourceNames,
  tailOf,
  type EventLayout,
  type KeyLayout,
} from './event-layout.ts';
import { endOfValue, isAt } from './json-bytes.ts';
import { RowCursor, VALUE_BYTES_MORE } from './row-cursor.ts';
import { writeBytes, writeFields } from './row-fields.ts';
import type { RowForm } from './row-form.ts';
import { RunRows } from './run-rows.ts';
import type { Tail } from './tail-templates.ts';

/** Of a change that was not seen before; undefined when its table is not ready for it. */
export type FindPlan = (
  topic: string,
  change: Extract<Change, { kind: 'write' }>,
) => Promise<Plan | undefined>;

/** `known`: only of tables that are known, without asking the server anything. */
export type Learning = 'all' | 'known';

export interface EncodedRun {
  readonly tables: Iterable<RunRows>;
  readonly out: Buffer;
  /** Records that ask for nothing. */
  readonly skipped: number;
}

/** INV-6 */
const LAYOUTS_A_TOPIC_MAX = 16;
const TOPICS_MAX = 256;
/** Records of a run that may be new in some way; with more of them, reading each as an object is cheaper. */
const LEARNT_MAX = 32;
/** INV-6: no run is longer; `max.poll.records` may be. */
const RECORDS_MAX = 1_000_000;

const NULL = Buffer.from('null');

interface CurrentRun {
  readonly run: SinkRun;
  readonly findPlan: FindPlan;
  /** Index of the next record. */
  next: number;
  learnt: number;
  /** Of the record before. */
  headers: LogRecord['headers'];
}

type Taken = 'taken' | 'unknown' | 'long-way';

/**
 * From messages to rows in the form of the target, without an object for any: the layout of a topic's messages is learnt
 * from records that were read the usual way, and each message is checked against it byte by byte. What is not as
 * expected makes the run one that is not taken.
 */
export class RunEncoder {
  /** Whether runs of records can be written with these settings at all. */
  static fits({ insertMode, keyMode }: Settings): boolean {
    return insertMode !== 'update' && keyMode !== 'kafka' && keyMode !== 'record_header';
  }

  readonly #settings: Settings;
  readonly #form: RowForm;
  readonly #sourceNames: readonly string[];
  readonly #cursor = new RowCursor();
  #lastRows: RunRows | undefined;
  /** Rows of one table with other columns, whose order among each other would be lost. */
  #isMixed = false;
  readonly #layouts = new Map<string, EventLayout[]>();
  /** By the id of the table. */
  readonly #tables = new Map<string, RunRows>();
  #skipped = 0;
  #current: CurrentRun | undefined;

  constructor(settings: Settings, form: RowForm) {
    this.#settings = settings;
    this.#form = form;
    this.#sourceNames = sourceNames(settings);
  }

  /** What was learnt of tables may be no longer true. */
  forget(): void {
    this.#layouts.clear();
    this.#tables.clear();
    this.#lastRows = undefined;
  }

  /** Lets go of memory that may still be on its way to the server. */
  abandon(): void {
    this.#cursor.abandon();
    this.#tables.clear();
    this.#lastRows = undefined;
  }

  begin(run: SinkRun, findPlan: FindPlan): void {
    this.#current = { run, findPlan, next: 0, learnt: 0, headers: [] };
    this.#cursor.begin();
    this.#skipped = 0;
    this.#isMixed = false;
    for (const rows of this.#tables.values()) rows.clear();
  }

  /** Records so far that ask for nothing. */
  get skipped(): number {
    return this.#skipped;
  }

  get isAtEnd(): boolean {
    const { run, next } = this.#mustRun();
    return next === run.records.length;
  }

  /** The memory that rows are laid into, and how far; another one when it had to grow. */
  get memory(): { readonly out: Buffer; readonly to: number } {
    return this.#cursor;
  }

  /** Takes so many records more. False: the run is not taken. @throws MillraceError for the same reason */
  async take(count: number, learning: Learning): Promise<boolean> {
    const current = this.#mustRun();
    const { records } = current.run;
    const end = Math.min(current.next + count, records.length);
    if (records.length > RECORDS_MAX) return false;
    for (; current.next < end; current.next++) {
      const record = records[current.next];
      if (record === undefined) break;
      if (record.headers !== current.headers) {
        current.headers = record.headers;
        if (tellsUnavailable(record.headers)) return false;
      }
      let taken = this.#take(record, current.next);
      if (taken === 'unknown' && ++current.learnt <= LEARNT_MAX)
        taken = await this.#takeLearning(current, current.next, learning);
      if (taken !== 'taken') return false;
    }
    return !this.#isMixed;
  }

  /** The rows so far, when they are all of one table and none is a delete. */
  get onlyRows(): RunRows | undefined {
    let only: RunRows | undefined;
    if (this.#isMixed) return undefined;
    for (const rows of this.#tables.values()) {
      if (rows.count === 0) continue;
      if (only !== undefined || rows.hasDeletes) return undefined;
      only = rows;
    }
    return only;
  }

  /** All that was taken; lent until the next run. Undefined: the run is not taken. */
  encoded(): EncodedRun | undefined {
    if (this.#isMixed) return undefined;
    const tables = [...this.#tables.values()].filter((rows) => rows.count > 0);
    return { tables, out: this.#cursor.out, skipped: this.#skipped };
  }

  #mustRun(): CurrentRun {
    return must(this.#current, 'a run is begun before it is taken');
  }

  #take(record: LogRecord, index: number): Taken {
    const layouts = this.#layouts.get(record.topic);
    if (layouts === undefined) return 'unknown';
    for (let place = 0; place < layouts.length; place++) {
      const layout = layouts[place];
      if (layout === undefined) break;
      const { to } = this.#cursor;
      const taken = this.#takeAs(layout, record, index);
      if (taken !== 'taken') this.#cursor.to = to;
      if (taken === 'long-way') return taken;
      if (taken === 'unknown') continue;
      if (place > 0) {
        layouts.splice(place, 1);
        layouts.unshift(layout);
      }
      return taken;
    }
    return 'unknown';
  }

  #takeAs(layout: EventLayout, record: LogRecord, index: number): Taken {
    const { value } = record;
    if (value === null) return this.#takeTombstone(layout, record, index);
    const tail = layout.tails.find(value);
    if (tail === undefined) return 'unknown';
    const start = rowStart(layout, value);
    if (start < 0) return 'unknown';
    const cursor = this.#cursor;
    const from = cursor.to;
    const keyed = this.#takeKey(layout.key, record.key);
    if (keyed !== 'taken') return keyed;
    const rowEnd = value.length - tail.bytes.length;
    if (tail.kind !== 'write') {
      if (start + NULL.length !== rowEnd || !isAt(value, start, NULL)) return 'unknown';
      return this.#takeRest(layout, tail.kind, index, from);
    }
    const { fields } = layout.row;
    if (!cursor.reserve(2 * (rowEnd - start) + (fields.length + 1) * VALUE_BYTES_MORE))
      return 'long-way';
    cursor.open(value, start);
    const hasKey = (layout.key?.fields ?? null) !== null;
    if (!hasKey) writeBytes(cursor, this.#form.rowStart);
    const outcome = writeFields(fields, this.#form, cursor, !hasKey);
    if (outcome !== 'written') return outcome === 'other-fields' ? 'unknown' : 'long-way';
    if (cursor.at !== rowEnd || !isText(cursor, value)) return 'long-way';
    writeBytes(cursor, this.#form.rowEnd);
    this.#rowsOf(layout.plan).add(index, from, cursor.keyEnd, cursor.to, false);
    return 'taken';
  }

  #takeTombstone(layout: EventLayout, record: LogRecord, index: number): Taken {
    const { deletes, flavour } = this.#settings;
    if (!deletes && flavour !== 'debezium') return 'long-way';
    // A tombstone tells no source block; with a name made of it, the delete event before has done the work already.
    const kind = deletes && this.#sourceNames.length === 0 ? 'delete' : 'skip';
    const from = this.#cursor.to;
    const keyed = this.#takeKey(layout.key, record.key);
    return keyed === 'taken' ? this.#takeRest(layout, kind, index, from) : keyed;
  }

  #takeRest(layout: EventLayout, kind: Tail['kind'], index: number, from: number): Taken {
    const cursor = this.#cursor;
    if (kind === 'skip') {
      cursor.to = from;
      this.#skipped++;
      return 'taken';
    }
    // Without a key of the record there is nothing to find the row by; plain inserts go in the order of records.
    if ((layout.key?.fields ?? null) === null || this.#settings.insertMode === 'insert')
      return 'long-way';
    this.#rowsOf(layout.plan).add(index, from, cursor.keyEnd, cursor.to, true);
    return 'taken';
  }

  /** Writes the columns of the key, behind the start of a row. */
  #takeKey(layout: KeyLayout | null, key: Uint8Array | null): Taken {
    if (layout === null || key === null)
      return layout === null && key === null ? 'taken' : 'unknown';
    const { start, end, fields } = layout;
    if (key.length < start.length || start.compare(key, 0, start.length) !== 0) return 'unknown';
    const cursor = this.#cursor;
    cursor.open(key, start.length);
    if (fields === null) {
      cursor.at = endOfValue(key, start.length);
      cursor.seen = 0xff;
      if (cursor.at < 0) return 'unknown';
    } else {
      if (!cursor.reserve(2 * key.length + (fields.length + 1) * VALUE_BYTES_MORE))
        return 'long-way';
      writeBytes(cursor, this.#form.rowStart);
      const outcome = writeFields(fields, this.#form, cursor, true);
      if (outcome !== 'written') return outcome === 'other-fields' ? 'unknown' : 'long-way';
    }
    if (cursor.at + end.length !== key.length || !isAt(key, cursor.at, end)) return 'unknown';
    return isText(cursor, key) ? 'taken' : 'long-way';
  }

  #rowsOf(plan: Plan): RunRows {
    const known = this.#lastRows;
    if (known?.plan === plan) return known;
    let rows = this.#tables.get(plan.table.id);
    if (rows?.plan !== plan) {
      if (rows !== undefined && rows.count > 0) this.#isMixed = true;
      rows = new RunRows(plan);
      this.#tables.set(plan.table.id, rows);
    }
    this.#lastRows = rows;
    return rows;
  }

  /** Reads a record the usual way, to know it and others like it by their bytes. */
  async #takeLearning(
    { run, findPlan }: CurrentRun,
    index: number,
    learning: Learning,
  ): Promise<Taken> {
    const raw = run.records[index];
    if (raw === undefined) return 'unknown';
    const record = run.record(index);
    const change = changeOf(record, this.#settings);
    if (change.kind === 'truncate') return 'unknown';
    if (change.kind === 'skip' && change.reason !== 'delete-disabled') return 'unknown';
    if (change.kind === 'write' && change.unavailable !== null) return 'unknown';
    const layouts = this.#layouts.get(raw.topic) ?? [];
    if (this.#learnTail(layouts, raw, change)) {
      const taken = this.#take(raw, index);
      if (taken !== 'unknown') return taken;
    }
    if (change.kind !== 'write' || learning === 'known') return 'unknown';
    const plan = await findPlan(raw.topic, change);
    if (plan === undefined || plan.unavailable.length > 0) return 'unknown';
    const { keys, values } = run;
    const options = { record, raw, change, plan, keys, values };
    const layout = layoutOf({ ...options, settings: this.#settings, form: this.#form });
    if (layout === undefined) return 'unknown';
    if (this.#layouts.size >= TOPICS_MAX) this.#layouts.clear();
    if (layouts.length >= LAYOUTS_A_TOPIC_MAX) layouts.pop();
    layouts.unshift(layout);
    this.#layouts.set(raw.topic, layouts);
    return this.#take(raw, index);
  }

  /** For layouts of the same table; whether any did not know this end. */
  #learnTail(
    layouts: readonly EventLayout[],
    { value }: LogRecord,
    change: Exclude<Change, { kind: 'truncate' }>,
  ): boolean {
    let isNew = false;
    if (value === null) return isNew;
    for (const layout of layouts) {
      if (change.kind !== 'skip' && !isLike(layout, change)) continue;
      if (layout.tails.find(value) !== undefined) continue;
      const tail = tailOf(value, layout, change.kind, this.#sourceNames);
      if (tail === undefined) continue;
      layout.tails.add(tail);
      isNew = true;
    }
    return isNew;
  }
}

function isLike(
  { table, row }: EventLayout,
  change: { readonly table: string; readonly isEnvelope: boolean },
): boolean {
  return table === change.table && row.isEnvelope === change.isEnvelope;
}

function tellsUnavailable(headers: LogRecord['headers']): boolean {
  return headers.some((header) => header.key === UNAVAILABLE_HEADER);
}

/** Refuses what is not UTF-8, as converters do. */
function isText({ seen }: RowCursor, message: Uint8Array): boolean {
  return seen < 0x80 || isUtf8(message);
}
