import { inParallel, MillraceError, type Logger } from '@millrace/foundation';
import { join } from 'node:path';
import { CLEANER_FILE, LOG_START_FILE, RECOVERY_POINT_FILE } from './checkpoint-files.ts';
import type { Disk } from './disk.ts';
import { isShortage } from './errors.ts';
import type { LogFolder } from './log-folder.ts';
import type { LogSummary } from './log-summary.ts';
import type { PartitionLog } from './partition-log.ts';

/** Logs of one folder opened at the same time after a clean stop: enough to keep libuv's pool busy. */
const OPENED_AT_ONCE = 16;
/** KRaft's own log, which is no topic's. */
const METADATA_FOLDER = '__cluster_metadata-0';

/** Where a log was found, and what is known of it. */
export interface FoundLog {
  readonly folder: LogFolder;
  readonly path: string;
  readonly name: string;
  readonly isClean: boolean;
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  readonly summary: LogSummary | undefined;
}

/** Folders of a partition that are not the partition itself: "topic-0.<32 hex digits>-<what>". */
const ASIDE = /^(.+-\d+)\.[0-9a-f]{32}-(delete|stray|future)$/;

export interface FolderLoad {
  readonly folder: LogFolder;
  readonly disk: Disk;
  readonly log: Logger;
  /** Folders of partitions that are somebody else's. */
  readonly foreignLogs: ReadonlySet<string> | undefined;
  readonly recoveriesAtOnce: number;
  readonly open: (found: FoundLog) => Promise<PartitionLog>;
  readonly onCleaned: (name: string, offset: number) => void;
}

export interface LoadedFolder {
  readonly logs: readonly PartitionLog[];
  /** Logs that can't be used, and why. Their files stay. */
  readonly broken: ReadonlyMap<string, MillraceError>;
  /** Moves to this folder that the last process had not finished. */
  readonly moves: readonly string[];
}

/** Opens all logs of a folder, and recovers those of an unclean stop. A disk that fails takes the folder offline. */
export async function loadFolder(load: FolderLoad): Promise<LoadedFolder> {
  const { folder, disk, log } = load;
  const logs: PartitionLog[] = [];
  const broken = new Map<string, MillraceError>();
  const moves: string[] = [];
  try {
    const found = await findLogs(load, moves);
    const atOnce = folder.cleanStop === undefined ? load.recoveriesAtOnce : OPENED_AT_ONCE;
    await inParallel(found, atOnce, async (one) => {
      if (folder.isOffline) return;
      try {
        logs.push(await load.open(one));
      } catch (error) {
        if (error instanceof MillraceError) {
          broken.set(one.name, error);
          log.error(
            { folder: one.path, err: error },
            'a log can’t be opened; its partition is offline, its files stay as they are',
          );
        } else if (isShortage(error)) throw error;
        else folder.fail(error);
      }
    });
    await folder.unmarkClean();
  } catch (error) {
    if (isShortage(error)) throw error;
    folder.fail(error);
  }
  if (folder.isOffline) for (const one of logs) one.failDisk(folder.failure);
  return { logs, broken, moves };

  async function findLogs(
    { onCleaned, foreignLogs }: FolderLoad,
    unfinished: string[],
  ): Promise<FoundLog[]> {
    const recoveryPoints = await folder.readCheckpoint(RECOVERY_POINT_FILE);
    const logStarts = await folder.readCheckpoint(LOG_START_FILE);
    for (const [name, offset] of await folder.readCheckpoint(CLEANER_FILE)) onCleaned(name, offset);
    const found: FoundLog[] = [];
    for (const { name, isFolder } of await disk.list(folder.path)) {
      if (!isFolder || name === METADATA_FOLDER || foreignLogs?.has(name) === true) continue;
      const [, ofLog, aside] = ASIDE.exec(name) ?? [];
      if (aside === 'stray') continue;
      if (ofLog !== undefined) {
        await disk.removeFolder(join(folder.path, name));
        if (aside === 'future') unfinished.push(ofLog);
      } else if (/^.+-\d+$/.test(name)) {
        found.push({
          folder,
          path: join(folder.path, name),
          name,
          isClean: folder.cleanStop !== undefined,
          recoveryPoint: recoveryPoints.get(name) ?? 0,
          logStartOffset: logStarts.get(name) ?? 0,
          summary: folder.cleanStop?.logs.get(name),
        });
      }
    }
    return found;
  }
}
