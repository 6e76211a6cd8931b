import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { writeFileAtomically } from './files.ts';

export const RECOVERY_POINT_FILE = 'recovery-point-offset-checkpoint';
export const HIGH_WATERMARK_FILE = 'replication-offset-checkpoint';
export const LOG_START_FILE = 'log-start-offset-checkpoint';
export const CLEANER_FILE = 'cleaner-offset-checkpoint';

/** `topic-partition` → offset. */
export type OffsetCheckpoint = ReadonlyMap<string, number>;

/** Kafka's text: version 0, the count, then "topic partition offset" a line. Undefined when damaged or absent. */
export async function readOffsetCheckpoint(
  disk: Disk,
  folder: string,
  file: string,
): Promise<OffsetCheckpoint | undefined> {
  const bytes = await disk.readWhole(join(folder, file));
  if (bytes === undefined) return undefined;
  const rows = parseNumberLines(Buffer.from(bytes).toString(), 3);
  return rows && new Map(rows.map((row) => [`${row[0] ?? ''}-${row[1] ?? ''}`, Number(row[2])]));
}

export async function writeOffsetCheckpoint(
  disk: Disk,
  folder: string,
  file: string,
  offsets: OffsetCheckpoint,
): Promise<void> {
  const lines: string[] = [];
  for (const [name, offset] of offsets) {
    const dash = name.lastIndexOf('-');
    lines.push(`${name.slice(0, dash)} ${name.slice(dash + 1)} ${offset}\n`);
  }
  // INV-4
  await writeFileAtomically(disk, join(folder, file), `0\n${lines.length}\n${lines.join('')}`);
}

/** The rows of a version 0 checkpoint, each of `fieldCount` fields; undefined when it is damaged. */
export function parseNumberLines(
  text: string,
  fieldCount: number,
): readonly (readonly string[])[] | undefined {
  const [version, count, ...lines] = text.split('\n');
  const rows = lines.filter((line) => line !== '').map((line) => line.split(' '));
  if (version !== '0' || Number(count) !== rows.length) return undefined;
  for (const row of rows) {
    if (row.length !== fieldCount) return undefined;
    const numbers = row.slice(fieldCount === 3 ? 1 : 0);
    if (!numbers.every((field) => Number.isSafeInteger(Number(field)))) return undefined;
  }
  return rows;
}

/** `key=value` lines; comments and empty lines are left out. */
export function parseProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const equals = line.indexOf('=');
    if (line.startsWith('#') || equals < 0) continue;
    properties.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return properties;
}
