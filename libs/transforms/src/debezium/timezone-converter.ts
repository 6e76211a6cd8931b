import { defineFields } from '@millrace/config';
import { systemClock } from '@millrace/foundation';
import { int64, type Field, type Struct } from '@millrace/record';
import { badSettings } from '../errors.ts';
import { transform } from '../plugin.ts';
import { fieldValue, withSubject } from '../subject.ts';
import { fieldOf, isStruct } from './added-fields.ts';
import { envelopeOf, type Envelope } from './envelope.ts';
import { TimezoneRules } from './timezone-rules.ts';
import { Zone } from './zone.ts';
import { timeInZone, timestampInZone } from './zoned-text.ts';

const LIST_DOC =
  'Rules: source:<table>, source:<table>:<field>, topic:<topic>, topic:<topic>:<field> or <table or topic>:<field>.';

const fields = defineFields({
  'converted.timezone': {
    type: 'STRING',
    importance: 'HIGH',
    doc: 'The zone that times are converted to: a name (America/Los_Angeles), or a difference from UTC (+08:00).',
  },
  'include.list': {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    doc: `Which events and fields are converted; all when empty. ${LIST_DOC}`,
  },
  'exclude.list': {
    type: 'LIST',
    default: [],
    importance: 'HIGH',
    doc: `Which are not. ${LIST_DOC}`,
  },
});

const HALVES = ['before', 'after', 'source'] as const;
type Half = (typeof HALVES)[number];
/** Of `source`, with their units in a millisecond. */
const EPOCHS: Readonly<Record<string, number>> = { ts_ms: 1, ts_us: 1_000, ts_ns: 1_000_000 };

interface Choice {
  readonly isExcluding: boolean;
  readonly named: ReadonlySet<string>;
}

const EVERYTHING: Choice = { isExcluding: true, named: new Set() };

/** Times of change events are shown in another zone. */
export const timezoneConverter = transform(
  'timezone-converter',
  'io.debezium.transforms.TimezoneConverter',
  fields,
  (settings) => {
    const zone = new Zone(settings['converted.timezone']);
    const { 'include.list': included, 'exclude.list': excluded } = settings;
    if (included.length > 0 && excluded.length > 0)
      throw badSettings('Both include and exclude lists are specified. Please specify only one.');
    const isExcluding = excluded.length > 0;
    const key = isExcluding ? 'exclude.list' : 'include.list';
    const items = isExcluding ? excluded : included;
    const rules = new TimezoneRules(key, items);
    const choiceOf = (topic: string, { value }: Envelope): Choice | undefined => {
      const source = value['source'];
      const table = isStruct(source) ? source['table'] : undefined;
      const rule = rules.find(topic, typeof table === 'string' ? table : undefined);
      if (rule === undefined) return items.length === 0 || isExcluding ? EVERYTHING : undefined;
      if (rule.fields.size > 0) return { isExcluding, named: rule.fields };
      return isExcluding ? undefined : EVERYTHING;
    };
    return {
      apply: (record) => {
        const envelope = envelopeOf(record);
        const choice = envelope === undefined ? undefined : choiceOf(record.topic, envelope);
        if (envelope === undefined || choice === undefined) return record;
        const converted = convertedHalves(envelope, choice, zone);
        if (converted === undefined) return record;
        const { schema, value } = envelope;
        return withSubject(record, 'Value', { schema, value: { ...value, ...converted } });
      },
    };
  },
);

/** Undefined when nothing changes. */
function convertedHalves(
  { schema, value }: Envelope,
  choice: Choice,
  zone: Zone,
): Readonly<Record<string, Struct>> | undefined {
  const converted: Record<string, Struct> = {};
  for (const half of HALVES) {
    const type = fieldOf(schema, half);
    const struct = value[half];
    const names = namesOf(half, choice.named);
    if (type?.type !== 'struct' || !isStruct(struct)) continue;
    // What is said of the source is converted only where it is named.
    if (half === 'source' && names.size === 0) continue;
    const members: Record<string, unknown> = {};
    for (const field of type.fields)
      if (names.has(field.name) !== choice.isExcluding) {
        const member = fieldValue(struct, field, true);
        const moved = member === null ? null : convert(half, field, member, zone);
        if (moved !== null && moved !== member) members[field.name] = moved;
      }
    if (Object.keys(members).length > 0) converted[half] = { ...struct, ...members };
  }
  return Object.keys(converted).length === 0 ? undefined : converted;
}

/** `after.f` is of one half, `f` of both rows. */
function namesOf(half: Half, named: ReadonlySet<string>): ReadonlySet<string> {
  const names = [...named].flatMap((name) => {
    const owner = HALVES.find((each) => name.startsWith(`${each}.`));
    if (owner !== undefined) return owner === half ? [name.slice(owner.length + 1)] : [];
    return half === 'source' ? [] : [name];
  });
  return new Set(names);
}

function convert(half: Half, { name, schema }: Field, member: unknown, zone: Zone): unknown {
  switch (schema.name) {
    case 'io.debezium.time.ZonedTimestamp':
      return timestampInZone(member, (localMs) => zone.offsetOfLocalMs(localMs));
    case 'io.debezium.time.ZonedTime':
      // Of a time without a date: as it is today.
      return timeInZone(member, zone.offsetAtMs(systemClock.nowMs()));
    case 'io.debezium.time.Timestamp':
      return asLocal(member, 1, zone);
    case 'io.debezium.time.MicroTimestamp':
      return asLocal(member, 1_000, zone);
    case 'io.debezium.time.NanoTimestamp':
      return asLocal(member, 1_000_000, zone);
    case 'org.apache.kafka.connect.data.Timestamp':
      return member instanceof Date
        ? new Date(member.getTime() - zone.offsetOfLocalMs(member.getTime()))
        : null;
    case undefined: {
      const unit = half === 'source' ? EPOCHS[name] : undefined;
      if (unit === undefined || !isInteger(member)) return null;
      const offsetMs = zone.offsetAtMs(wholeMs(member, unit));
      return int64(BigInt(member) + BigInt(offsetMs) * BigInt(unit));
    }
    default:
      return null; // dates, and times without a date, have no zone
  }
}

/** The instant at which clocks of the zone show what this shows in UTC. */
function asLocal(member: unknown, unit: number, zone: Zone): unknown {
  if (!isInteger(member)) return null;
  const offsetMs = zone.offsetOfLocalMs(wholeMs(member, unit));
  return int64(BigInt(member) - BigInt(offsetMs) * BigInt(unit));
}

function wholeMs(value: number | bigint, unit: number): number {
  return Math.floor(Number(value) / unit);
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
}
