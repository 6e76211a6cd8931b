import { assert } from '@millrace/foundation';
import { gtidSetUnreadable } from '../errors.ts';
import type { GtidSet } from './gtid-set.ts';
import {
  containsNumber,
  includesIntervals,
  subtractIntervals,
  unionIntervals,
  withNumber,
  type Interval,
} from './intervals.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** MySQL's: up to 32 characters, in lower case. */
const TAG = /^[a-z_][a-z0-9_]{0,31}$/;
const INTERVAL = /^(\d{1,19})(?:-(\d{1,19}))?$/;

/** By UUID and, since 8.3, tag: `uuid` or `uuid:tag`. Ordered as the server prints them. */
type Members = ReadonlyMap<string, readonly Interval[]>;

export class MysqlGtidSet implements GtidSet {
  readonly flavour = 'mysql';
  readonly #members: Members;
  #text: string | undefined;

  private constructor(members: Members) {
    this.#members = members;
  }

  static readonly EMPTY = new MysqlGtidSet(new Map());

  static parse(text: string): MysqlGtidSet {
    const members = new Map<string, readonly Interval[]>();
    for (const entry of text.replaceAll(/\s/g, '').split(',')) {
      if (entry === '') continue;
      parseEntry(entry, text, members);
    }
    return new MysqlGtidSet(members);
  }

  /** From the binary form of PREVIOUS_GTIDS and COM_BINLOG_DUMP_GTID, already cut into members. */
  static of(members: Iterable<readonly [string, readonly Interval[]]>): MysqlGtidSet {
    const made = new Map<string, readonly Interval[]>();
    for (const [member, intervals] of members)
      made.set(member, unionIntervals(made.get(member) ?? [], intervals));
    return new MysqlGtidSet(made);
  }

  get members(): Members {
    return this.#members;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  get sources(): readonly string[] {
    return [...new Set([...this.#members.keys()].map(uuidOf))];
  }

  with(gtid: string): MysqlGtidSet {
    const { member, number } = parseGtid(gtid);
    const known = this.#members.get(member) ?? [];
    if (containsNumber(known, number)) return this;
    return new MysqlGtidSet(new Map(this.#members).set(member, withNumber(known, number)));
  }

  contains(gtid: string): boolean {
    const { member, number } = parseGtid(gtid);
    return containsNumber(this.#members.get(member) ?? [], number);
  }

  includes(other: GtidSet): boolean {
    for (const [member, intervals] of mysqlOf(other).#members)
      if (!includesIntervals(this.#members.get(member) ?? [], intervals)) return false;
    return true;
  }

  union(other: GtidSet): MysqlGtidSet {
    return MysqlGtidSet.of([...this.#members, ...mysqlOf(other).#members]);
  }

  subtract(other: GtidSet): MysqlGtidSet {
    const subtrahend = mysqlOf(other).#members;
    const members = new Map<string, readonly Interval[]>();
    for (const [member, intervals] of this.#members) {
      const rest = subtractIntervals(intervals, subtrahend.get(member) ?? []);
      if (rest.length > 0) members.set(member, rest);
    }
    return new MysqlGtidSet(members);
  }

  filter(passes: (source: string) => boolean): MysqlGtidSet {
    return new MysqlGtidSet(
      new Map([...this.#members].filter(([member]) => passes(uuidOf(member)))),
    );
  }

  toString(): string {
    this.#text ??= print(this.#members);
    return this.#text;
  }
}

function mysqlOf(other: GtidSet): MysqlGtidSet {
  assert(other instanceof MysqlGtidSet, 'sets of one flavour are compared');
  return other;
}

function uuidOf(member: string): string {
  return member.slice(0, 36);
}

/** `uuid:1-5:7:tag:1-3:9`: a tag holds for the intervals behind it. */
function parseEntry(entry: string, text: string, members: Map<string, readonly Interval[]>): void {
  const [uuidText = '', ...parts] = entry.split(':');
  const uuid = uuidText.toLowerCase();
  if (!UUID.test(uuid) || parts.length === 0) throw gtidSetUnreadable(text);
  let member = uuid;
  for (const part of parts) {
    const match = INTERVAL.exec(part);
    if (match === null) {
      const tag = part.toLowerCase();
      if (!TAG.test(tag)) throw gtidSetUnreadable(text);
      member = `${uuid}:${tag}`;
      continue;
    }
    const first = BigInt(match[1] ?? 0);
    const last = match[2] === undefined ? first : BigInt(match[2]);
    if (first < 1n || last < first) throw gtidSetUnreadable(text);
    members.set(member, unionIntervals(members.get(member) ?? [], [{ first, last }]));
  }
}

function parseGtid(gtid: string): { readonly member: string; readonly number: bigint } {
  const colon = gtid.lastIndexOf(':');
  const number = gtid.slice(colon + 1);
  if (colon < 36 || !/^\d{1,19}$/.test(number)) throw gtidSetUnreadable(gtid);
  return { member: gtid.slice(0, colon).toLowerCase(), number: BigInt(number) };
}

/** Members of one UUID stand together, the untagged first, tags by name. */
function print(members: Members): string {
  const sorted = [...members].sort(([left], [right]) => (left < right ? -1 : 1));
  let text = '';
  let lastUuid = '';
  for (const [member, intervals] of sorted) {
    const uuid = uuidOf(member);
    if (uuid === lastUuid) text += member.slice(36);
    else text += `${text === '' ? '' : ','}${member}`;
    lastUuid = uuid;
    for (const { first, last } of intervals)
      text += first === last ? `:${first}` : `:${first}-${last}`;
  }
  return text;
}
