import { must } from '@millrace/foundation';
import type { JsonReading, LogRecord } from '@millrace/connector-api';
import type { Schema, SinkRecord } from '@millrace/record';
import type { Change, Part } from '../change.ts';
import type { Settings } from '../settings.ts';
import type { Plan } from '../write/plan.ts';
import { endOfValue, isAt, membersOf, type Member } from './json-bytes.ts';
import type { RowField } from './row-fields.ts';
import type { RowForm } from './row-form.ts';
import { TailTemplates, type LearntTail } from './tail-templates.ts';

type Write = Extract<Change, { kind: 'write' }>;

/** How messages of one topic look that have the same schemas and fields. */
export interface EventLayout {
  readonly plan: Plan;
  /** As the change calls it. */
  readonly table: string;
  /** Null: records have no key. */
  readonly key: KeyLayout | null;
  readonly row: RowLayout;
  readonly tails: TailTemplates;
}

export interface KeyLayout {
  /** What stands before and behind the object. */
  readonly start: Buffer;
  readonly end: Uint8Array;
  /** Null: it is no part of the row, and only has to be well-formed. */
  readonly fields: readonly RowField[] | null;
}

export interface RowLayout {
  readonly isEnvelope: boolean;
  /** What stands before the row; of a change event, when it has nothing before. */
  readonly start: Buffer;
  /** The same up to what was before; empty for plain rows. */
  readonly beforeStart: Buffer;
  readonly fields: readonly RowField[];
}

const SCHEMA_START = Buffer.from('{"schema":');
const PAYLOAD_START = Buffer.from(',"payload":');
const BEFORE_START = Buffer.from('{"before":');
const AFTER_START = Buffer.from(',"after":');
const NULL = Buffer.from('null');
const CLOSE_OBJECT = 0x7d;

/** Where the payload of a message begins and ends; undefined when that can't be said. */
function payloadOf(
  message: Uint8Array,
  { hasSchemas }: JsonReading,
): { readonly start: number; readonly end: number } | undefined {
  if (!hasSchemas) return { start: 0, end: message.length };
  if (!isAt(message, 0, SCHEMA_START)) return undefined;
  const schemaEnd = endOfValue(message, SCHEMA_START.length);
  if (schemaEnd < 0 || !isAt(message, schemaEnd, PAYLOAD_START)) return undefined;
  const start = schemaEnd + PAYLOAD_START.length;
  return message[message.length - 1] === CLOSE_OBJECT
    ? { start, end: message.length - 1 }
    : undefined;
}

export interface LayoutOptions {
  readonly record: SinkRecord;
  readonly raw: LogRecord;
  readonly change: Write;
  readonly plan: Plan;
  readonly settings: Settings;
  readonly form: RowForm;
  readonly keys: JsonReading;
  readonly values: JsonReading;
}

/** Undefined for records whose columns don't come in the order of their fields, or that look unusual. */
export function layoutOf(options: LayoutOptions): EventLayout | undefined {
  const { raw, change, plan, settings, values, form } = options;
  if (raw.value === null) return undefined;
  const assign = new Assignment(plan, form, settings, values.replacesNullWithDefault, change);
  const key = keyLayout(options, assign);
  const row = key === undefined ? undefined : rowLayout(raw.value, change, values, assign);
  if (key === undefined || row === undefined || !assign.isComplete) return undefined;
  const layout = { plan, table: change.table, key, row, tails: new TailTemplates() };
  const tail = tailOf(raw.value, layout, 'write', sourceNames(settings));
  if (tail === undefined) return undefined;
  layout.tails.add(tail);
  return layout;
}

function keyLayout(
  { raw, change, settings, keys }: LayoutOptions,
  assign: Assignment,
): KeyLayout | null | undefined {
  if (raw.key === null) return settings.keyMode === 'record_key' ? undefined : null;
  const payload = payloadOf(raw.key, keys);
  if (payload === undefined) return undefined;
  const start = Buffer.from(raw.key.subarray(0, payload.start));
  const end = Buffer.from(raw.key.subarray(payload.end));
  if (settings.keyMode !== 'record_key') return { start, end, fields: null };
  const object = membersOf(raw.key, payload.start);
  if (object?.end !== payload.end || change.key === null) return undefined;
  return { start, end, fields: assign.fields(object.members, change.key, true) };
}

function rowLayout(
  value: Uint8Array,
  change: Write,
  values: JsonReading,
  assign: Assignment,
): RowLayout | undefined {
  const payload = payloadOf(value, values);
  if (payload === undefined) return undefined;
  let at = payload.start;
  const isEnvelope = isEnvelopeAt(value, at);
  if (isEnvelope !== change.isEnvelope) return undefined;
  let beforeStart = at;
  if (isEnvelope) {
    beforeStart = at + BEFORE_START.length;
    at = endOfValue(value, beforeStart);
    if (at < 0 || !isAt(value, at, AFTER_START)) return undefined;
    at += AFTER_START.length;
  }
  const object = membersOf(value, at);
  if (object === undefined) return undefined;
  const names = new Set(object.members.map((member) => member.name));
  // What looks like a change event depends on more than its names.
  if (!isEnvelope && names.has('op') && names.has('source')) return undefined;
  if (!isEnvelope && object.end !== payload.end) return undefined;
  const opening = value.subarray(0, beforeStart);
  return {
    isEnvelope,
    start: isEnvelope ? Buffer.concat([opening, NULL, AFTER_START]) : Buffer.from(opening),
    beforeStart: isEnvelope ? Buffer.from(opening) : Buffer.alloc(0),
    fields: assign.fields(object.members, change.row, false),
  };
}

function isEnvelopeAt(value: Uint8Array, at: number): boolean {
  return isAt(value, at, BEFORE_START);
}

/** Gives the fields of a message, in its order, the columns of the plan, in its order. */
class Assignment {
  readonly #plan: Plan;
  readonly #form: RowForm;
  readonly #settings: Settings;
  readonly #replacesNull: boolean;
  readonly #isEnvelope: boolean;
  /** Of the next column. */
  #next = 0;

  constructor(
    plan: Plan,
    form: RowForm,
    settings: Settings,
    replacesNull: boolean,
    { isEnvelope }: Write,
  ) {
    this.#plan = plan;
    this.#form = form;
    this.#settings = settings;
    this.#replacesNull = replacesNull;
    this.#isEnvelope = isEnvelope;
  }

  get isComplete(): boolean {
    return this.#next === this.#plan.sources.length;
  }

  fields(members: readonly Member[], part: Part, isKey: boolean): readonly RowField[] {
    return members.map(({ name }, index) => this.#field(name, index === 0, part, isKey));
  }

  #field(name: string, isFirst: boolean, part: Part, isKey: boolean): RowField {
    const { sources, columns, missing } = this.#plan;
    const start = Buffer.from(`${isFirst ? '{' : ','}${JSON.stringify(name)}:`);
    const source = sources[this.#next];
    const schema: Schema | null =
      part.schema?.fields.find((field) => field.name === name)?.schema ?? null;
    const isOfKey = isKey || this.#settings.keyMode === 'record_value';
    const isColumn = source?.field === name && (source.isKey ? isOfKey : !isKey);
    if (!isColumn)
      return {
        start,
        use: missing.includes(name) ? 'null' : 'skip',
        write: undefined,
        schema,
        encode: String,
        nullAs: undefined,
        isEndOfKey: false,
      };
    const { type, isRequired } = must(columns[this.#next], 'a source has a column');
    this.#next++;
    const { hints } = this.#settings;
    const field = { schema, type, hints, isEnvelope: this.#isEnvelope, encode: source.encode };
    return {
      start,
      use: 'column',
      write: this.#form.writerFor(field),
      schema,
      encode: source.encode,
      nullAs: source.isKey || isRequired ? undefined : this.#nullAs(schema),
      isEndOfKey: this.#next === this.#plan.keyCount,
    };
  }

  /** A default in the place of a null goes the long way. */
  #nullAs(schema: Schema | null): Uint8Array | undefined {
    if (schema === null) return this.#form.nullValue;
    const hasDefault = schema.default !== undefined && schema.default !== null;
    return schema.optional && !(hasDefault && this.#replacesNull)
      ? this.#form.nullValue
      : undefined;
  }
}

/** Fields of the source block that the table's name is made of. */
export function sourceNames({ tableFormat }: Settings): readonly string[] {
  return [...tableFormat.matchAll(/\$\{source\.([^}]+)\}/g)].map((match) => match[1] ?? '');
}

/** Where the row begins; for a delete, where the null stands in its place. -1: the message begins otherwise. */
export function rowStart({ row }: EventLayout, value: Uint8Array): number {
  const { start, beforeStart, isEnvelope } = row;
  if (value.length >= start.length && start.compare(value, 0, start.length) === 0)
    return start.length;
  if (!isEnvelope || value.length < beforeStart.length) return -1;
  if (beforeStart.compare(value, 0, beforeStart.length) !== 0) return -1;
  const end = endOfValue(value, beforeStart.length);
  return end < 0 || !isAt(value, end, AFTER_START) ? -1 : end + AFTER_START.length;
}

/**
 * The end of a message, learnt: what follows the row. `fixed` names fields of the source block that must be the same,
 * as the table's name is made of them. Undefined when the message has another layout.
 */
export function tailOf(
  value: Uint8Array,
  layout: EventLayout,
  kind: LearntTail['kind'],
  fixed: readonly string[],
): LearntTail | undefined {
  const start = rowStart(layout, value);
  const rowEnd = start < 0 ? -1 : endOfValue(value, start);
  if (rowEnd < 0) return undefined;
  const bytes = Buffer.from(value.subarray(rowEnd));
  const marks = new Uint8Array(bytes.length);
  for (const name of fixed) {
    // Wherever it stands: to be too strict costs a second look, no more.
    const named = Buffer.from(`"${name}":`);
    for (let at = bytes.indexOf(named); at >= 0; at = bytes.indexOf(named, at + 1)) {
      const from = at + named.length;
      const end = endOfValue(bytes, from);
      if (end > 0) marks.fill(1, from, end);
    }
  }
  return { bytes, fixed: marks, kind };
}
