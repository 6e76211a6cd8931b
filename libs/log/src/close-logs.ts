import { inParallel, type Logger, type Random } from '@millrace/foundation';
import { dirname } from 'node:path';
import type { LogCheckpoints } from './log-checkpoints.ts';
import type { LogFolder } from './log-folder.ts';
import type { LogSummary } from './log-summary.ts';
import type { PartitionLog } from './partition-log.ts';

/** Logs closed at the same time. */
const CLOSED_AT_ONCE = 16;

export interface Closing {
  readonly logs: readonly PartitionLog[];
  readonly folders: readonly LogFolder[];
  readonly checkpoints: LogCheckpoints;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * Closes logs, and leaves the mark of a clean stop in the folders where all of them could be saved. Answers whether
 * that was everywhere.
 */
export async function closeLogs(closing: Closing): Promise<boolean> {
  const { logs, folders, random } = closing;
  const unclean = new Set<string>();
  const summaries = new Map<string, LogSummary[]>();
  await inParallel(logs, CLOSED_AT_ONCE, async (log) => {
    const path = dirname(log.folder);
    if (await log.close()) {
      const known = summaries.get(path) ?? [];
      summaries.set(path, known);
      known.push(log.summary());
    } else {
      unclean.add(path);
    }
  });
  let isClean = unclean.size === 0;
  const isCheckpointed = await checkpoint(closing);
  for (const folder of folders) {
    const isMarkable = isCheckpointed && !folder.isOffline && !unclean.has(folder.path);
    // INV-4: last of all.
    const known = summaries.get(folder.path) ?? [];
    if (!isMarkable || !(await folder.markClean(known, random))) isClean = false;
    await folder.release();
  }
  return isClean;
}

/** In all folders at once, each file once. */
async function checkpoint({ checkpoints, log }: Closing): Promise<boolean> {
  try {
    await checkpoints.writeClosed();
    return true;
  } catch (error) {
    log.warn({ err: error }, 'no mark of a clean stop could be left; the next start recovers');
    return false;
  }
}
