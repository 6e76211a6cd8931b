import { atLeast, defineFields, type AnyField } from '@millrace/config';

const CLIENT_KEYS: ReadonlySet<string> = new Set([
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]);

/** Settings of a group, which may differ from the broker's `group.…` of the same name. */
export const groupResourceFields = defineFields({
  'consumer.session.timeout.ms': {
    type: 'INT',
    default: 45_000,
    validate: atLeast(1),
    doc: 'Time without a heartbeat after which a member of the consumer protocol is given up.',
  },
  'consumer.heartbeat.interval.ms': {
    type: 'INT',
    default: 5000,
    validate: atLeast(1),
    doc: 'How often members of the consumer protocol report.',
  },
});

/** Settings of a subscription to metrics of clients (KIP-714). They are kept; no metrics are collected. */
export const clientMetricsFields = defineFields({
  'interval.ms': { type: 'INT', default: 300_000, doc: 'How often clients push metrics.' },
  match: { type: 'LIST', default: [], doc: 'Which clients are meant, as key=pattern.' },
  metrics: { type: 'LIST', default: [], doc: 'Prefixes of the names of the metrics.' },
});

const INTERVAL_MS_MIN = 100;
const INTERVAL_MS_MAX = 3_600_000;

export function findIntervalProblem(text: string): string | undefined {
  const value = Number(text);
  const isRight = Number.isInteger(value) && value >= INTERVAL_MS_MIN && value <= INTERVAL_MS_MAX;
  return isRight
    ? undefined
    : `Invalid value ${text} for interval.ms, interval must be between ${INTERVAL_MS_MIN} and ${INTERVAL_MS_MAX} (1 hour)`;
}

/** Kafka's form: a key that it knows, `=`, and a regular expression. */
export function findMatchProblem(text: string): string | undefined {
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const isKnown = equals > 0 && CLIENT_KEYS.has(part.slice(0, equals).trim());
    if (!isKnown || !isPattern(part.slice(equals + 1).trim()))
      return `Illegal client matching pattern: ${part}`;
  }
  return undefined;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u').source !== '';
  } catch {
    return false; // what the engine says of it helps nobody
  }
}

export interface GroupBounds {
  readonly min: number;
  readonly max: number;
}

/** `<broker key>` names the bound in Kafka's words. */
export function findBoundProblem(
  key: string,
  text: string,
  { min, max }: GroupBounds,
  names: { readonly min: string; readonly max: string },
): string | undefined {
  const value = Number(text);
  if (value < min) return `${key} must be greater than or equal to ${names.min}`;
  if (value > max) return `${key} must be less than or equal to ${names.max}`;
  return undefined;
}

export function fieldIn(
  fields: Readonly<Record<string, AnyField>>,
  key: string,
): AnyField | undefined {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}
