import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { offsetFileName, parseOffsetFileName, writeFilePlainly } from './files.ts';
import { encodeProducerSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-states.ts';

const SUFFIX = '.snapshot';

/** The files of producer states in the folder of a log, each named for the offset up to which it knows. */
export class ProducerSnapshots {
  readonly #folder: string;
  readonly #disk: Disk;
  /** What the newest file holds. */
  #saved: { readonly offset: number; readonly version: number } | undefined;

  constructor(folder: string, disk: Disk) {
    this.#folder = folder;
    this.#disk = disk;
  }

  async save(offset: number, producers: ProducerStates): Promise<void> {
    await this.#save(offset, producers);
  }

  /**
   * At a clean stop. A log that knows of no producer and has never told otherwise needs no file: without one both a
   * start of ours and Kafka's take it that there are none. Answers whether a file was written.
   */
  async saveLast(offset: number, producers: ProducerStates): Promise<boolean> {
    const { size, version } = producers;
    if (size === 0 && version === (this.#saved?.version ?? 0)) return false;
    return this.#save(offset, producers);
  }

  async #save(offset: number, producers: ProducerStates): Promise<boolean> {
    const { version } = producers;
    if (this.#saved?.offset === offset && this.#saved.version === version) return false;
    const bytes = encodeProducerSnapshot([...producers.values()]);
    await writeFilePlainly(this.#disk, join(this.#folder, offsetFileName(offset, SUFFIX)), bytes);
    this.#saved = { offset, version };
    return true;
  }

  /** The file for `offset` was found as `producers` are now. */
  noteSaved(offset: number, producers: ProducerStates): void {
    this.#saved = { offset, version: producers.version };
  }

  async removeWhere(isGone: (offset: number) => boolean): Promise<void> {
    for (const { name } of await this.#disk.list(this.#folder)) {
      const offset = parseOffsetFileName(name, SUFFIX);
      if (offset !== undefined && isGone(offset)) {
        if (this.#saved?.offset === offset) this.#saved = undefined;
        await this.#disk.remove(join(this.#folder, name));
      }
    }
  }
}
