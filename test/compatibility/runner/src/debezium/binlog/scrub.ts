import { membersOf, payloadOf, type Event } from '../event.ts';

const OWN = 'OWN';

/** What a binlog's events tell of the instant at which a side read them, or in an order that is chance in Debezium. */
export function scrub(event: Event): Event {
  const payload = membersOf(payloadOf(event.value));
  const changed = { ...payload, ...statement(payload), ...history(payload), ...end(payload) };
  const isWhole = payloadOf(event.value) !== event.value;
  if (Object.keys(payload).length === 0) return event;
  return { ...event, value: isWhole ? { ...membersOf(event.value), payload: changed } : changed };
}

type Members = Readonly<Record<string, unknown>>;

/** Of a statement: finer than milliseconds only here; its tables, when they are several, in the order of a hash. */
function statement({ ddl, op, source }: Members): Members {
  if (ddl === undefined && op !== 't') return {};
  const { table, ...others } = membersOf(source);
  const tables = typeof table === 'string' ? table.split(',').sort().join() : table;
  return { source: { ...others, table: tables, ts_us: OWN, ts_ns: OWN } };
}

/** The place of a statement of the snapshot has the time at which it was read. */
function history({ position }: Members): Members {
  if (position === undefined) return {};
  const members = membersOf(position);
  return { position: 'snapshot' in members ? { ...members, ts_sec: OWN } : members };
}

/** Tables of a transaction, in the order of a hash. */
function end({ data_collections: collections }: Members): Members {
  if (!Array.isArray(collections)) return {};
  const name = (each: unknown): string => String(membersOf(each)['data_collection']);
  return {
    data_collections: collections.toSorted((left, right) => (name(left) < name(right) ? -1 : 1)),
  };
}
