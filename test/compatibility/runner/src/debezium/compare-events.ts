import { outcome } from '../outcomes.ts';
import type { Outcome } from '../suite.ts';
import { membersOf, operationOf, payloadOf, type Event } from './event.ts';

/** What the two sides can't have in common, of one variant. */
export interface Allowance {
  /** Topics with as many records as there was time for: heartbeats. */
  readonly isOfAnyLength?: RegExp;
  /** Topics in which the order of records depends on how fast a side is. */
  readonly isIgnored?: RegExp;
  /** Each side reads transactions of its own between those that both read. */
  readonly hasOwnTransactions?: true;
  /** What else is each side's own, replaced before events are compared. */
  readonly scrub?: (event: Event) => Event;
}

type Topics = ReadonlyMap<string, readonly Event[]>;

/** One difference: where, Debezium's, ours. */
type Difference = readonly [string, unknown, unknown];

const ABSENT = '(absent)';
const DIFFERENCES_MAX = 40;

/** A header of ours beside Debezium's (D6). */
const OWN_HEADERS = /^__millrace\./;

/** One outcome for each event that is equal, one for each difference otherwise. */
export function compareTopics(
  label: string,
  debezium: Topics,
  ours: Topics,
  allowance: Allowance = {},
): readonly Outcome[] {
  const topics = [...new Set([...debezium.keys(), ...ours.keys()])].sort();
  const compared = topics.filter((topic) => allowance.isIgnored?.test(topic) !== true);
  return compared.flatMap((topic) =>
    compareTopic(`${label}: ${topic}`, topic, debezium.get(topic), ours.get(topic), allowance),
  );
}

function compareTopic(
  name: string,
  topic: string,
  debezium: readonly Event[] | undefined,
  ours: readonly Event[] | undefined,
  allowance: Allowance,
): readonly Outcome[] {
  if (debezium === undefined || ours === undefined) {
    const count = (events: readonly Event[] | undefined): unknown => events?.length ?? ABSENT;
    return [failure(name, ['topic', count(debezium), count(ours)])];
  }
  const isOfAnyLength = allowance.isOfAnyLength?.test(topic) === true;
  const [theirs, own] = [operations(debezium), operations(ours)];
  if (theirs !== own && !isOfAnyLength) return [failure(name, ['events', theirs, own])];
  return debezium.slice(0, ours.length).flatMap((event, index): readonly Outcome[] => {
    const other = ours[index];
    if (other === undefined) return [];
    const test = `${name} #${index} ${operationOf(event)}`;
    const found = differences(masked(event, allowance), masked(other, allowance));
    return found.length === 0
      ? [outcome(test, 'passed', '')]
      : found.slice(0, DIFFERENCES_MAX).map((difference) => failure(test, difference));
  });
}

/** One letter an event, partitions apart. */
function operations(events: readonly Event[]): string {
  return events
    .map((event, index) => {
      const isNext = index > 0 && events[index - 1]?.partition !== event.partition;
      return `${isNext ? '|' : ''}${operationOf(event)}`;
    })
    .join('');
}

function failure(test: string, [path, theirs, own]: Difference): Outcome {
  return outcome(
    `${test}: ${path}`,
    'failed',
    `Debezium ${shortened(theirs)}, ours ${shortened(own)}`,
  );
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** Times of processing are each side's own, and so is the position of a snapshot. */
function masked(given: Event, { hasOwnTransactions, scrub }: Allowance): Event {
  const event = scrub === undefined ? given : scrub(given);
  const payload = membersOf(payloadOf(event.value));
  const source = membersOf(payload['source']);
  const isSnapshot = 'source' in payload && source['snapshot'] !== 'false';
  const isChange = 'op' in payload || !('status' in payload);
  const mask = (members: Readonly<Record<string, unknown>>, names: readonly string[]): unknown =>
    Object.fromEntries(
      Object.entries(members).map(([name, value]) => [
        name,
        names.includes(name) && value !== null ? 'OWN' : value,
      ]),
    );
  const flat = Object.keys(payload).filter((name) =>
    /^__(source_)?(ts_|lsn|txId|version)/.test(name),
  );
  const own = isSnapshot
    ? POSITIONS
    : hasOwnTransactions === true
      ? ['version', 'sequence']
      : ['version'];
  const changed = mask(
    {
      ...payload,
      ...('source' in payload ? { source: mask(source, own) } : {}),
    },
    [...(isChange ? TIMES : []), ...flat, ...('timestamp' in payload ? ['timestamp', 'id'] : [])],
  );
  const isObject = Object.keys(payload).length > 0;
  const value =
    !isObject || payloadOf(event.value) === event.value
      ? isObject
        ? changed
        : event.value
      : { ...membersOf(event.value), payload: changed };
  return { ...event, value, headers: event.headers.filter(([key]) => !OWN_HEADERS.test(key)) };
}

const TIMES = ['ts_ms', 'ts_us', 'ts_ns'];
const POSITIONS = ['version', ...TIMES, 'txId', 'lsn', 'sequence', 'xmin'];

function differences(debezium: Event, ours: Event): readonly Difference[] {
  const found: Difference[] = [];
  for (const part of ['key', 'value'] as const)
    compare(part, debezium[part], ours[part], schemaOf(debezium[part]), found);
  compare('partition', debezium.partition, ours.partition, undefined, found);
  compare('headers', debezium.headers, ours.headers, undefined, found);
  return found;
}

function schemaOf(value: unknown): unknown {
  const members = membersOf(value);
  return 'schema' in members ? { isWhole: true, of: members['schema'] } : undefined;
}

/** Members of structs by name, as their schemas say the order; numbers of 32 bits as such. */
function compare(
  path: string,
  theirs: unknown,
  own: unknown,
  schema: unknown,
  found: Difference[],
): void {
  if (Object.is(theirs, own)) return;
  if (Array.isArray(theirs) && Array.isArray(own)) {
    compareLists(path, theirs, own, schema, found);
    return;
  }
  if (isObject(theirs) && isObject(own)) {
    for (const name of new Set([...Object.keys(theirs), ...Object.keys(own)])) {
      const inner = `${path}.${name}`;
      if (!(name in theirs)) found.push([inner, ABSENT, own[name]]);
      else if (!(name in own)) found.push([inner, theirs[name], ABSENT]);
      else compare(inner, theirs[name], own[name], memberSchema(schema, name), found);
    }
    return;
  }
  const isFloat = membersOf(schema)['type'] === 'float';
  if (isFloat && typeof theirs === 'number' && typeof own === 'number')
    if (Object.is(Math.fround(theirs), Math.fround(own))) return;
  found.push([path, theirs, own]);
}

function compareLists(
  path: string,
  theirs: readonly unknown[],
  own: readonly unknown[],
  schema: unknown,
  found: Difference[],
): void {
  const names = (list: readonly unknown[]): readonly unknown[] =>
    list.map((element) => membersOf(element)['field']);
  const isFields = [...theirs, ...own].every((element) => 'field' in membersOf(element));
  if (isFields && JSON.stringify(names(theirs)) !== JSON.stringify(names(own)))
    found.push([
      `${path} fields`,
      only(names(theirs), names(own)),
      only(names(own), names(theirs)),
    ]);
  else if (theirs.length !== own.length) found.push([`${path} length`, theirs.length, own.length]);
  for (const [index, element] of theirs.entries()) {
    const name = names(theirs)[index];
    const other = isFields ? own.find((each) => membersOf(each)['field'] === name) : own[index];
    const inner = isFields ? `${path}[${String(name)}]` : `${path}[${index}]`;
    if (other !== undefined) compare(inner, element, other, membersOf(schema)['items'], found);
  }
}

/** Names that only one list has; all of it when only the order differs. */
function only(list: readonly unknown[], other: readonly unknown[]): string {
  const own = list.filter((name) => !other.includes(name));
  return (own.length > 0 ? own : list).join();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberSchema(schema: unknown, name: string): unknown {
  const members = membersOf(schema);
  if (members['isWhole'] === true) return name === 'payload' ? members['of'] : undefined;
  const fields = members['fields'];
  if (Array.isArray(fields))
    return fields.find((field: unknown) => membersOf(field)['field'] === name);
  return members['values'];
}
