import type { Disk } from './disk.ts';

/**
 * Syncs a folder once for all who changed its names before the sync began: who makes a thousand folders in it waits
 * for a few syncs, not for a thousand.
 */
export class SharedSync {
  readonly #disk: Disk;
  readonly #path: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** INV-4: resolves when everything done before this call is durable. */
  sync(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    // The one that runs may have begun before the caller's change.
    this.#next ??= this.#running
      .catch(() => undefined) // told to those who wait for that one
      .then(() => {
        this.#next = undefined;
        return this.#begin();
      });
    return this.#next;
  }

  #begin(): Promise<void> {
    const running = this.#disk.syncFolder(this.#path).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
