import type { ConsumedRecord } from '@millrace/kafka-client';

/** A record of a topic as JSON; whole numbers that a double can't hold are texts `#9007199254740993`. */
export interface Event {
  readonly partition: number;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: readonly (readonly [string, unknown])[];
}

/** Texts that name only one side, and what stands for them. */
export type Replacements = readonly (readonly [RegExp, string])[];

const WHOLE_DIGITS_MAX = 15;
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

export function eventOf(record: ConsumedRecord, replacements: Replacements): Event {
  const json = (bytes: Uint8Array | null): unknown => parseExactly(textOf(bytes), replacements);
  return {
    partition: record.partition,
    key: json(record.key),
    value: json(record.value),
    headers: record.headers.map(({ key, value }) => [key, headerOf(key, json(value))] as const),
  };
}

/** `c`, `u`, `d`, `r`, `t`, `m` of a change, `0` of a tombstone, `B`, `E` of a transaction, `S`, `I` … of a notification. */
export function operationOf({ value }: Event): string {
  if (value === null) return '0';
  const { op, __op, status, type } = membersOf(payloadOf(value));
  const operation = op ?? __op ?? status ?? type;
  return typeof operation === 'string' ? operation.slice(0, 1) : '?';
}

export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : {}; // checked on the left
}

/** Of a text with its schema; other texts are their own payload. */
export function payloadOf(value: unknown): unknown {
  const members = membersOf(value);
  return 'schema' in members && 'payload' in members ? members['payload'] : value;
}

function textOf(bytes: Uint8Array | null): string | undefined {
  return bytes === null ? undefined : Buffer.from(bytes).toString('utf8');
}

function parseExactly(text: string | undefined, replacements: Replacements): unknown {
  if (text === undefined) return null;
  const mapped = replacements.reduce((all, [from, to]) => all.replaceAll(from, to), text);
  const exact = mapped.replaceAll(STRING_OR_NUMBER, (token) =>
    /^-?\d+$/.test(token) && token.length > WHOLE_DIGITS_MAX ? `"#${token}"` : token,
  );
  try {
    return JSON.parse(exact);
  } catch {
    return mapped;
  }
}

const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A run has an id of its own, of which only the form can be equal. */
function headerOf(key: string, value: unknown): unknown {
  const isRunId = key === '__debezium.context.runId' && typeof value === 'string';
  return isRunId && RUN_ID.test(value) ? 'UUID of version 7' : value;
}
