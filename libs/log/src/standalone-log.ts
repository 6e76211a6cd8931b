import { RecycledMemory, systemRandom, type Clock, type Logger } from '@millrace/foundation';
import { join } from 'node:path';
import { ByteBudget } from './byte-budget.ts';
import type { Disk } from './disk.ts';
import { writeFileAtomically } from './files.ts';
import { IndexMemory } from './index-memory.ts';
import type { LogConfig } from './log-config.ts';
import { LogFigures } from './log-figures.ts';
import { OpenFiles } from './open-files.ts';
import { openPartitionLog } from './open-log.ts';
import type { PartitionLog } from './partition-log.ts';
import { TailCacheBudget } from './tail-cache.ts';
import { Turns } from './turns.ts';

export interface StandaloneLogOptions {
  readonly folder: string;
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string;
  readonly config: LogConfig;
  /** Where a log begins that has no segments yet. */
  readonly logStartOffset?: number;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly log: Logger;
}

/** INV-6 */
const OPEN_FILES_MAX = 16;
const TAIL_CACHE_BYTES_MAX = 256 * 1024;
const INDEX_BYTES_MAX = 1024 * 1024;
const APPEND_BYTES_MAX = 128 * 1024 * 1024;

/**
 * A log of its own beside those of a manager, in a folder that the caller has locked: the metadata
 * log, which is read before any other can be. Each batch of it is checked, whatever the last stop was.
 */
export async function openStandaloneLog(options: StandaloneLogOptions): Promise<PartitionLog> {
  const { folder, topic, partition, topicId, config, disk, clock, log } = options;
  await disk.makeFolder(folder);
  const metadataPath = join(folder, 'partition.metadata');
  if ((await disk.readWhole(metadataPath)) === undefined) {
    await writeFileAtomically(disk, metadataPath, `version: 0\ntopic_id: ${topicId}\n`);
    await disk.syncFolder(join(folder, '..'));
  }
  return openPartitionLog({
    folder,
    topic,
    partition,
    config,
    flushPolicy: 'every-append',
    appendQueueBytesMax: APPEND_BYTES_MAX,
    producersMax: 0,
    producerExpirationMs: () => Infinity,
    isClean: false,
    recoveryPoint: 0,
    logStartOffset: options.logStartOffset ?? 0,
    ports: {
      disk,
      clock,
      random: systemRandom,
      log,
      figures: new LogFigures(),
      unpacking: new Turns(1),
      files: new OpenFiles(disk, OPEN_FILES_MAX),
      indexes: new IndexMemory(INDEX_BYTES_MAX),
      tailBudget: new TailCacheBudget(
        TAIL_CACHE_BYTES_MAX,
        new RecycledMemory({ freeBytesMax: 0 }),
      ),
      appendBudget: new ByteBudget(APPEND_BYTES_MAX),
    },
  });
}
