import type { OffsetReset } from './consumer-api.ts';
import { invalidOptions } from './errors.ts';
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP } from './offset-lookup.ts';

const BY_DURATION = 'by_duration:';
/** ISO 8601 as Java's `Duration` reads it: days, hours, minutes, seconds; not negative. */
const DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/iu;

/** The time of the first record to read, as ListOffsets takes it. Not for `none`. */
export function resetTimestamp(reset: Exclude<OffsetReset, 'none'>, nowMs: number): number {
  if (reset === 'earliest') return EARLIEST_TIMESTAMP;
  if (reset === 'latest') return LATEST_TIMESTAMP;
  return Math.max(0, nowMs - durationMs(reset));
}

/** Throws `client.invalid_options` when `auto.offset.reset` can't be read. */
export function checkReset(reset: OffsetReset): void {
  if (reset.startsWith(BY_DURATION)) durationMs(reset);
}

function durationMs(reset: string): number {
  const text = reset.slice(BY_DURATION.length);
  const match = DURATION.exec(text);
  const [days, hours, minutes, seconds] = (match?.slice(1) ?? []).map((one: string | undefined) =>
    one === undefined ? undefined : Number(one),
  );
  const parts = [days, hours, minutes, seconds];
  if (match === null || parts.every((part) => part === undefined)) {
    throw invalidOptions(
      `auto.offset.reset "${reset}" has no duration that can be read`,
      'write for example by_duration:PT24H or by_duration:P7D (KIP-1106)',
    );
  }
  const total = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return Math.round(total * 1_000);
}
