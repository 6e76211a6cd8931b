import { dirname } from 'node:path';
import type { LogFolder } from './log-folder.ts';
import type { LogMoves } from './log-moves.ts';
import type { PartitionLog } from './partition-log.ts';

/** One of `log.dirs`, as DescribeLogDirs shows it. */
export interface FolderDescription {
  readonly path: string;
  readonly directoryId: string;
  readonly isOffline: boolean;
  /** -1 when unknown. */
  readonly totalBytes: number;
  readonly usableBytes: number;
  readonly logs: readonly FolderLog[];
}

export interface FolderLog {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: number;
  /** How far a copy is behind the log that it will replace; 0 for the log itself. */
  readonly offsetLag: number;
  /** It is a copy that will replace the log in another folder. */
  readonly isFuture: boolean;
}

export async function describeFolder(
  folder: LogFolder,
  logs: Iterable<PartitionLog>,
  moves: LogMoves,
): Promise<FolderDescription> {
  const found: FolderLog[] = [];
  if (!folder.isOffline) {
    for (const { topic, partition, bytes, folder: path } of logs) {
      if (dirname(path) !== folder.path) continue;
      found.push({ topic, partition, bytes, offsetLag: 0, isFuture: false });
    }
    for (const { log, to, copy } of moves.values()) {
      if (to !== folder) continue;
      const { topic, partition } = log;
      const offsetLag = log.logEndOffset - (copy?.logEndOffset ?? log.logStartOffset);
      found.push({ topic, partition, bytes: copy?.bytes ?? 0, offsetLag, isFuture: true });
    }
  }
  const space = await folder.space().catch(() => undefined); // shown as unknown
  return {
    path: folder.path,
    directoryId: folder.directoryId,
    isOffline: folder.isOffline,
    totalBytes: space?.totalBytes ?? -1,
    usableBytes: space?.usableBytes ?? -1,
    logs: found,
  };
}
