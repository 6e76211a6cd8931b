import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import type { Clock, Logger } from '@millrace/foundation';
import type { SourceOffset, SourcePartition } from '@millrace/record';
import { errnoOf } from './errors.ts';
import {
  FINGERPRINT_BYTES,
  findRotated,
  fingerprintOf,
  hasFingerprint,
  rotatedAfter,
} from './file-identity.ts';
import { LineBuffer, type LineSink } from './line-buffer.ts';

/** Where lines come from. */
export interface Input {
  readonly partition: SourcePartition;
  readonly rotations: number;
  readonly truncations: number;
  /** Grows with all that happens to the file: it came, grew, was renamed or emptied. */
  readonly changes: number;
  /** Bytes of the file not yet read, as of the last look. */
  readonly lagBytes: number;
  /** Hands out lines, and says whether asking again at once is worth it. */
  read(linesMax: number, sink: LineSink): Promise<boolean>;
  /** The offset to store for a line that ends at this position; valid within the `read` that handed it out. */
  offset(end: number): SourceOffset;
  close(): Promise<void>;
}

export interface InputOptions {
  readonly file: string;
  readonly offset: SourceOffset | undefined;
  readonly lineBytesMax: number;
  readonly encoding: 'utf8' | 'latin1';
  readonly flushUnfinishedMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export function openInput(options: InputOptions): Input {
  return new TailedFile(options);
}

interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly inode: number;
  readonly lines: LineBuffer;
  fingerprint: string;
  /** When nothing more came for the first time; undefined while it grows. */
  idleSinceMs: number | undefined;
  /** It was renamed away and has been looked at once more since. */
  isLeft: boolean;
  checkedMtimeMs: number;
}

/**
 * One file name, followed through rotation and truncation.
 *
 * The open handle is read to its end first. Then: is the name another file now (rotation)? The old one gets one more
 * look, as its writer may still hold it; then files rotated in between, then the new one, from 0. Is the file shorter
 * than what was read, or its head another (truncation)? From 0 again, after what a copy beside it still has.
 * An offset names the file by inode and the head's digest, so that all this also works across a restart.
 */
class TailedFile implements Input {
  readonly partition: SourcePartition;
  rotations = 0;
  truncations = 0;
  changes = 0;
  lagBytes = 0;
  readonly #options: InputOptions;
  #current: OpenFile | undefined;
  readonly #handles = new Set<FileHandle>();
  #isClosed = false;
  /** Where to go on in the next file that is opened under the name itself. */
  #resume: SourceOffset | undefined;
  #waiting: string[] = [];

  constructor(options: InputOptions) {
    this.#options = options;
    this.#resume = options.offset;
    this.partition = Object.freeze({ filename: options.file });
  }

  async read(linesMax: number, sink: LineSink): Promise<boolean> {
    const current = this.#current ?? (await this.#openNext());
    if (current === undefined) return false;
    if (current.lines.hasLines) {
      current.lines.take(linesMax, sink);
      return true;
    }
    const room = current.lines.room();
    const { bytesRead } = await current.handle.read(
      room,
      0,
      room.length,
      current.lines.readPosition,
    );
    if (bytesRead === 0) return this.#atEnd(current, sink);
    current.isLeft = false;
    this.changes++;
    if (current.idleSinceMs !== undefined) {
      current.idleSinceMs = undefined;
      // It grew after an end: a file emptied and written anew meanwhile is longer, but begins otherwise.
      if (!(await hasFingerprint(current.handle, current.fingerprint))) {
        await this.#truncated(current);
        return true;
      }
    }
    current.lines.filled(bytesRead);
    if (headBytes(current.fingerprint) < FINGERPRINT_BYTES)
      current.fingerprint = await fingerprintOf(current.handle);
    current.lines.take(linesMax, sink);
    return true;
  }

  offset(end: number): SourceOffset {
    const current = this.#current;
    return current === undefined
      ? { position: end }
      : { position: end, inode: current.inode, fingerprint: current.fingerprint };
  }

  /** A read may still be under way; what it opens from now on is closed at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#current = undefined;
    await Promise.all([...this.#handles].map((handle) => this.#release(handle)));
  }

  async #release(handle: FileHandle | undefined): Promise<void> {
    if (handle === undefined || !this.#handles.delete(handle)) return;
    await handle.close();
  }

  /** Nothing more now. Waits, or goes over to what came after. */
  async #atEnd(current: OpenFile, sink: LineSink): Promise<boolean> {
    const { clock, flushUnfinishedMs, file } = this.#options;
    const stats = await current.handle.stat();
    this.lagBytes = Math.max(0, stats.size - current.lines.position);
    if (stats.size < current.lines.readPosition) {
      await this.#truncated(current);
      return true;
    }
    current.idleSinceMs ??= clock.monotonicMs();
    const named = await statOrAbsent(file);
    if (named !== undefined && named.ino !== current.inode)
      return this.#rotated(current, stats, sink);
    // Written anew in place, and of at least the same length: the head tells.
    const isTouched = stats.mtimeMs !== current.checkedMtimeMs;
    current.checkedMtimeMs = stats.mtimeMs;
    if (isTouched && !(await hasFingerprint(current.handle, current.fingerprint))) {
      await this.#truncated(current);
      return true;
    }
    const isQuiet = clock.monotonicMs() - current.idleSinceMs >= flushUnfinishedMs;
    if (flushUnfinishedMs >= 0 && isQuiet) current.lines.takeUnfinished(sink);
    return false;
  }

  /** The old file gets a second look one interval later, then it is left. */
  async #rotated(current: OpenFile, stats: Stats, sink: LineSink): Promise<boolean> {
    if (!current.isLeft) {
      current.isLeft = true;
      this.changes++;
      return false;
    }
    // Nobody will end its last line any more.
    current.lines.takeUnfinished(sink);
    const between = await rotatedAfter(this.#options.file, stats);
    this.rotations++;
    this.#options.log.info(
      { file: this.#options.file, readBytes: current.lines.position, between: between.length },
      'the file was rotated; going on with the new one',
    );
    await this.#leave(between.map(({ path }) => path));
    return false; // records handed out above belong to the file that was left
  }

  async #truncated(current: OpenFile): Promise<void> {
    const { file, log } = this.#options;
    const { position } = current.lines;
    this.truncations++;
    const copy = await findRotated(file, undefined, current.fingerprint, position);
    log.warn(
      { file, position, copy: copy?.path ?? null },
      copy === undefined
        ? 'the file was truncated; it is read from its beginning, and what was not read before is lost'
        : 'the file was truncated; the rest of its copy is read first, then the file from its beginning',
    );
    const { fingerprint } = current;
    await this.#leave([]);
    if (copy !== undefined) this.#current = await this.#open(copy.path, position, fingerprint);
  }

  async #leave(next: readonly string[]): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    this.changes++;
    await this.#release(current?.handle);
    this.#resume = undefined;
    this.#waiting = [...next];
  }

  async #openNext(): Promise<OpenFile | undefined> {
    const between = this.#waiting.shift();
    const opened =
      between === undefined ? await this.#openNamed() : await this.#open(between, 0, '');
    this.#current = opened;
    if (opened !== undefined) this.changes++;
    return opened;
  }

  /** The file of the name, at the stored offset if it is still the one that the offset was taken in. */
  async #openNamed(): Promise<OpenFile | undefined> {
    const { file, log } = this.#options;
    const resume = this.#resume;
    const position = numberOf(resume?.['position']) ?? 0;
    const fingerprint = textOf(resume?.['fingerprint']);
    const opened = await this.#open(file, position, fingerprint ?? '');
    if (resume === undefined || position === 0) {
      this.#resume = opened === undefined ? resume : undefined;
      return opened;
    }
    const inode = numberOf(resume['inode']);
    const isSame =
      opened !== undefined &&
      (await opened.handle.stat()).size >= position &&
      (fingerprint === undefined || (await hasFingerprint(opened.handle, fingerprint)));
    const rotated = await findRotated(file, inode, fingerprint ?? '', position);
    // Files may begin alike; then the inode decides.
    const isRenamed =
      rotated !== undefined && rotated.stats.ino === inode && opened?.inode !== inode;
    if (isSame && !isRenamed) {
      this.#resume = undefined;
      return opened;
    }
    if (rotated === undefined && opened === undefined) return undefined; // not there yet
    await this.#release(opened?.handle);
    this.#resume = undefined;
    if (rotated !== undefined) {
      log.info(
        { file, rotated: rotated.path, position },
        'the file was rotated while nobody read; its rest is read first',
      );
      return this.#open(rotated.path, position, fingerprint ?? '');
    }
    this.truncations++;
    log.warn(
      { file, position },
      'the file is not the one that was read before, nor is that beside it; it is read from its beginning',
    );
    return this.#open(file, 0, '');
  }

  async #open(path: string, position: number, fingerprint: string): Promise<OpenFile | undefined> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined; // it may come
      throw error;
    }
    this.#handles.add(handle);
    if (this.#isClosed) {
      await this.#release(handle);
      return undefined;
    }
    const { lineBytesMax, encoding } = this.#options;
    return {
      path,
      handle,
      inode: (await handle.stat()).ino,
      lines: new LineBuffer({ position, lineBytesMax, encoding }),
      fingerprint: fingerprint === '' ? await fingerprintOf(handle) : fingerprint,
      idleSinceMs: undefined,
      isLeft: false,
      checkedMtimeMs: 0,
    };
  }
}

/** Standard input: read once, without offsets. */
export class StandardInput implements Input {
  readonly partition: SourcePartition = {};
  readonly rotations = 0;
  readonly truncations = 0;
  readonly changes = 0;
  readonly lagBytes = 0;
  readonly #lines: LineBuffer;
  readonly #chunks = process.stdin[Symbol.asyncIterator]();
  #pending: Promise<IteratorResult<unknown>> | undefined;
  #rest: Buffer = Buffer.alloc(0);
  #isEnded = false;

  constructor(options: Pick<InputOptions, 'lineBytesMax' | 'encoding'>) {
    this.#lines = new LineBuffer({ position: 0, ...options });
  }

  async read(linesMax: number, sink: LineSink): Promise<boolean> {
    if (this.#lines.hasLines) return this.#lines.take(linesMax, sink) > 0;
    if (this.#rest.length === 0 && !(await this.#next(sink))) return false;
    const room = this.#lines.room();
    const copied = this.#rest.copy(room);
    this.#rest = this.#rest.subarray(copied);
    this.#lines.filled(copied);
    this.#lines.take(linesMax, sink);
    return true;
  }

  offset(end: number): SourceOffset {
    return { position: end };
  }

  close(): Promise<void> {
    process.stdin.pause();
    return Promise.resolve();
  }

  /** What has come by now; waiting for more is the caller's. */
  async #next(sink: LineSink): Promise<boolean> {
    if (this.#isEnded) return false;
    this.#pending ??= this.#chunks.next();
    const arrived = await Promise.race([
      this.#pending,
      new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined))),
    ]);
    if (arrived === undefined) return false;
    this.#pending = undefined;
    if (arrived.done === true) {
      this.#isEnded = true;
      this.#lines.takeUnfinished(sink);
      return false;
    }
    this.#rest = Buffer.isBuffer(arrived.value)
      ? arrived.value
      : Buffer.from(String(arrived.value));
    return true;
  }
}

function headBytes(fingerprint: string): number {
  return fingerprint === '' ? 0 : Number(fingerprint.slice(0, fingerprint.indexOf(':')));
}

async function statOrAbsent(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
