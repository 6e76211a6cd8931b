import type { Random } from '@millrace/foundation';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { writeFileAtomically } from './files.ts';
import type { LogSummary } from './log-summary.ts';

/** Kafka's mark: all in the folder is durable and right. */
export const CLEAN_STOP_FILE = '.kafka_cleanshutdown';
/** Ours beside it: what the logs were, so that a start need not look into each. */
const SUMMARY_FILE = '.millrace_logs.json';

export interface CleanStop {
  /** Empty when another program (Kafka) has written the mark since. */
  readonly logs: ReadonlyMap<string, LogSummary>;
}

/** Undefined when the last process did not stop cleanly. */
export async function readCleanStop(disk: Disk, folder: string): Promise<CleanStop | undefined> {
  const mark = await disk.readWhole(join(folder, CLEAN_STOP_FILE));
  if (mark === undefined) return undefined;
  const token = tokenOf(Buffer.from(mark).toString());
  const bytes = token === undefined ? undefined : await disk.readWhole(join(folder, SUMMARY_FILE));
  const logs =
    bytes === undefined ? undefined : parseSummaries(Buffer.from(bytes).toString(), token);
  return { logs: new Map((logs ?? []).map((log) => [log.name, log])) };
}

/** INV-4: the mark comes last, and only with it the summary counts. */
export async function writeCleanStop(
  disk: Disk,
  folder: string,
  logs: readonly LogSummary[],
  random: Random,
): Promise<void> {
  const token = Buffer.from(random.nextBytes(12)).toString('hex');
  const summary = JSON.stringify({ version: 1, token, logs });
  await writeFileAtomically(disk, join(folder, SUMMARY_FILE), summary);
  const mark = `{"version":0,"brokerEpoch":-1,"millrace":"${token}"}`;
  await writeFileAtomically(disk, join(folder, CLEAN_STOP_FILE), mark);
}

function tokenOf(mark: string): string | undefined {
  const token: unknown = parsed(mark)?.['millrace'];
  return typeof token === 'string' ? token : undefined;
}

function parseSummaries(
  text: string,
  token: string | undefined,
): readonly LogSummary[] | undefined {
  const document = parsed(text);
  if (document?.['version'] !== 1 || document['token'] !== token) return undefined;
  const { logs } = document;
  // Ours alone, and bound to the mark by its token: what is in it is believed.
  return Array.isArray(logs) ? (logs as readonly LogSummary[]) : undefined;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined; // damaged: as if there were none
  }
}
