import {
  describeError,
  isAborted,
  type Clock,
  type Logger,
  type Random,
} from '@millrace/foundation';
import { dirname, join } from 'node:path';
import type { Disk } from './disk.ts';
import { asideName } from './files.ts';
import type { LogFolder } from './log-folder.ts';
import { copyBatches } from './move-log.ts';
import type { PartitionLog } from './partition-log.ts';
import { Throttle } from './throttle.ts';

/** A copy this close to its log is finished while appends wait. */
const NEAR_BYTES = 4 * 1024 * 1024;
/** Rounds after which it is finished however fast the log grows. */
const ROUNDS_MAX = 20;

/** What became of the wish to have a log in a certain folder. */
export type MoveAnswer =
  'moving' | 'there-already' | 'kept-for-later' | 'unknown-folder' | 'offline';

export interface LogMovesPorts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** Kafka's `replica.alter.log.dirs.io.max.bytes.per.second`. */
  /** As it is now; a move that runs keeps the one that it began with. */
  readonly bytesPerSecondMax: () => number;
  /** Opens an empty copy in the folder given, which is made for it. */
  readonly openCopy: (
    path: string,
    of: PartitionLog,
    fromOffset: number,
    onOffline: (cause: unknown) => void,
  ) => Promise<PartitionLog>;
  /** The log is in its new folder. */
  readonly onMoved: (log: PartitionLog, folder: LogFolder) => Promise<void>;
}

export interface LogMove {
  readonly log: PartitionLog;
  readonly to: LogFolder;
  /** Undefined until its turn comes. */
  copy: PartitionLog | undefined;
  isCancelled: boolean;
}

/** Moves logs between data folders while they are used: a copy in a `-future` folder, then an exchange. One at a time. */
export class LogMoves {
  readonly #ports: LogMovesPorts;
  readonly #moves = new Map<string, LogMove>();
  #last: Promise<void> = Promise.resolve();

  constructor(ports: LogMovesPorts) {
    this.#ports = ports;
  }

  find(name: string): LogMove | undefined {
    return this.#moves.get(name);
  }

  values(): IterableIterator<LogMove> {
    return this.#moves.values();
  }

  /** Begins the move when those before it are done. A move of the same log to elsewhere is given up. */
  start(log: PartitionLog, to: LogFolder): void {
    const before = this.#moves.get(log.name);
    if (before?.to === to) return;
    if (before !== undefined) before.isCancelled = true;
    this.#moves.delete(log.name);
    if (dirname(log.folder) === to.path) return;
    const move: LogMove = { log, to, copy: undefined, isCancelled: false };
    this.#moves.set(log.name, move);
    this.#last = this.#last.then(() => this.#run(move));
  }

  /** The log is deleted, or one of the two folders has failed. */
  cancel(name: string): void {
    const move = this.#moves.get(name);
    if (move !== undefined) move.isCancelled = true;
    this.#moves.delete(name);
  }

  /** Resolves when all moves that were begun have ended. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #isOver(move: LogMove): boolean {
    return move.isCancelled || isAborted(this.#ports.signal) || move.to.isOffline;
  }

  async #run(move: LogMove): Promise<void> {
    const { log: logger, disk } = this.#ports;
    const { log, to } = move;
    if (this.#isOver(move)) return;
    const path = join(to.path, asideName(log.name, 'future', this.#ports.random));
    try {
      if (!(await this.#copyAndExchange(move, path))) {
        await move.copy?.abandon(() => Promise.resolve(path));
        // After a stop the next start begins the copy anew, as long as its folder is there.
        if (!isAborted(this.#ports.signal)) await disk.removeFolder(path);
      }
    } catch (error) {
      const fields = { topic: log.topic, partition: log.partition, to: to.path };
      logger.warn(
        { ...fields, reason: describeError(error) },
        'a log could not be moved to another data folder; it stays where it is',
      );
      await move.copy?.abandon(() => Promise.resolve(path)).catch(() => undefined);
      await disk.removeFolder(path).catch(() => undefined);
    }
    if (this.#moves.get(log.name) === move) this.#moves.delete(log.name);
  }

  /** False when it was given up. */
  async #copyAndExchange(move: LogMove, path: string): Promise<boolean> {
    const { clock, bytesPerSecondMax, random, log: logger } = this.#ports;
    const { log, to } = move;
    const owner = { isAdopted: false };
    // A failure of the copy's disk is the log's own only once the log lives there.
    const onOffline = (cause: unknown): void => {
      if (owner.isAdopted) log.failDisk(cause);
    };
    const copy = await this.#ports.openCopy(path, log, await firstBatchOffset(log), onOffline);
    move.copy = copy;
    const throttle = new Throttle(clock, bytesPerSecondMax());
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const bytes = await copyBatches(log, copy, async (count) => {
        await throttle.take(count);
        return !this.#isOver(move);
      });
      if (this.#isOver(move)) return false;
      if (bytes <= NEAR_BYTES) break;
    }
    const source = dirname(log.folder);
    owner.isAdopted = true;
    await log.moveTo(
      copy,
      join(to.path, log.name),
      join(source, asideName(log.name, 'delete', random)),
    );
    await this.#ports.onMoved(log, to);
    const fields = { topic: log.topic, partition: log.partition, from: source, to: to.path };
    logger.info(fields, 'a log has moved to another data folder');
    return true;
  }
}

/** Where the batch begins that holds the log start. */
async function firstBatchOffset(log: PartitionLog): Promise<number> {
  const options = { minOneMessage: true, upTo: 'log-end' } as const;
  const read = await log.read(log.logStartOffset, 1, options);
  if (read === 'offset-out-of-range' || read.bytes.byteLength < 8) return log.logStartOffset;
  const { buffer, byteOffset } = read.bytes;
  return Number(new DataView(buffer, byteOffset).getBigInt64(0));
}
