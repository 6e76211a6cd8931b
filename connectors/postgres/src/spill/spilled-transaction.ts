import type { FileHandle } from 'node:fs/promises';
import { must } from '@millrace/foundation';
import { readUint32 } from '../decode/bytes.ts';
import { spillFailed } from '../errors.ts';
import { OffsetMarks } from './offset-marks.ts';
import {
  ENTRY_HEADER_BYTES,
  entryBytes,
  entryEnd,
  entryXid,
  isOlderXid,
  writeEntry,
} from './spill-entry.ts';
import type { SpillFolder } from './spill-folder.ts';

const CHUNK_BYTES = 512 << 10;
const EMPTY: Buffer = Buffer.alloc(0);

/**
 * The messages of one transaction in progress, in order: the first ones in a file, the last ones in memory. The file is
 * scratch: nothing of it outlives the connection, so nothing is flushed to the disk.
 */
export class SpilledTransaction {
  readonly xid: number;
  /** Where its first change stood. */
  readonly firstLsn: number;
  readonly #folder: SpillFolder;
  readonly #marks = new OffsetMarks();
  #file: FileHandle | undefined;
  #fileBytes = 0;
  /** What is not in the file yet: the first `#tailBytes` of it. */
  #tail: Buffer = EMPTY;
  #tailBytes = 0;

  constructor(xid: number, firstLsn: number, folder: SpillFolder) {
    this.xid = xid;
    this.firstLsn = firstLsn;
    this.#folder = folder;
  }

  get bytes(): number {
    return this.#fileBytes + this.#tailBytes;
  }

  get bytesInMemory(): number {
    return this.#tailBytes;
  }

  get bytesOnDisk(): number {
    return this.#fileBytes;
  }

  /** A block begins: what is added gathers in `buffer`, which is the transaction's until `keep` or `flush`. */
  useBuffer(buffer: Buffer): void {
    this.#tail.copy(buffer, 0, 0, this.#tailBytes);
    this.#tail = buffer;
  }

  /** Keeps a copy of the message from `at` to `end` of a frame; a promise when the buffer is full. */
  add(frame: Buffer, at: number, end: number, lsnAt: number): Promise<void> | undefined {
    this.#marks.add(this.bytes, readUint32(frame, at + 1));
    const needed = entryBytes(at, end);
    if (this.#tailBytes + needed > this.#tail.length)
      return this.#addLarge(frame, at, end, lsnAt, needed);
    writeEntry(this.#tail, this.#tailBytes, frame, at, end, lsnAt);
    this.#tailBytes += needed;
    return undefined;
  }

  async #addLarge(
    frame: Buffer,
    at: number,
    end: number,
    lsnAt: number,
    needed: number,
  ): Promise<void> {
    await this.#write(this.#tail.subarray(0, this.#tailBytes));
    this.#tailBytes = 0;
    if (needed > this.#tail.length) {
      const entry = Buffer.allocUnsafe(needed);
      writeEntry(entry, 0, frame, at, end, lsnAt);
      await this.#write(entry);
      return;
    }
    writeEntry(this.#tail, 0, frame, at, end, lsnAt);
    this.#tailBytes = needed;
  }

  /** The block ended, and what is in the buffer is little: it stays in memory. */
  keep(): void {
    this.#tail = Buffer.from(this.#tail.subarray(0, this.#tailBytes));
  }

  /** The block ended: everything goes to the file. */
  async flush(): Promise<void> {
    await this.#write(this.#tail.subarray(0, this.#tailBytes));
    this.#tail = EMPTY;
    this.#tailBytes = 0;
  }

  /**
   * A subtransaction was undone. Nobody else writes between its first change and its end, so its part, with those of
   * the subtransactions that it began (they have later xids), is all that comes last.
   */
  async abort(subxid: number): Promise<void> {
    const keptBytes = await this.#endOfOlder(subxid);
    this.#marks.cut(keptBytes);
    if (keptBytes >= this.#fileBytes) {
      this.#tailBytes = keptBytes - this.#fileBytes;
      return;
    }
    await this.#guard(() => must(this.#file, 'bytes are in a file').truncate(keptBytes));
    this.#fileBytes = keptBytes;
    this.#tail = EMPTY;
    this.#tailBytes = 0;
  }

  async #endOfOlder(subxid: number): Promise<number> {
    let offset = this.#marks.before(subxid);
    let keptBytes = offset;
    for (;;) {
      const chunk = await this.read(offset);
      if (chunk.length === 0) return keptBytes;
      for (let position = 0; position < chunk.length;) {
        const next = entryEnd(chunk, position, chunk.length);
        if (isOlderXid(entryXid(chunk, position), subxid)) keptBytes = offset + next;
        position = next;
      }
      offset += chunk.length;
    }
  }

  /** Whole entries from this offset on, which must be the start of one; none at the end. Never written again. */
  async read(offset: number): Promise<Buffer> {
    if (offset >= this.#fileBytes)
      return this.#tail.subarray(offset - this.#fileBytes, this.#tailBytes);
    const chunk = await this.#readFile(offset, Math.min(CHUNK_BYTES, this.#fileBytes - offset));
    let end = 0;
    for (let next = 0; next >= 0; next = entryEnd(chunk, end, chunk.length)) end = next;
    if (end > 0) return chunk.subarray(0, end);
    return this.#readFile(offset, ENTRY_HEADER_BYTES + readUint32(chunk, 0));
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined); // it is scratch, and has no name
  }

  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    this.#file ??= await this.#folder.open();
    const file = this.#file;
    await this.#guard(async () => {
      for (let written = 0; written < bytes.length;)
        written += (
          await file.write(bytes, written, bytes.length - written, this.#fileBytes + written)
        ).bytesWritten;
    });
    this.#fileBytes += bytes.length;
  }

  async #readFile(offset: number, length: number): Promise<Buffer> {
    const file = must(this.#file, 'bytes are in a file');
    const buffer = Buffer.allocUnsafeSlow(length);
    await this.#guard(async () => {
      for (let done = 0; done < length;) {
        const { bytesRead } = await file.read(buffer, done, length - done, offset + done);
        if (bytesRead === 0) throw new Error(`the file ends at ${offset + done}`);
        done += bytesRead;
      }
    });
    return buffer;
  }

  async #guard<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      throw spillFailed(this.#folder.path, error);
    }
  }
}
