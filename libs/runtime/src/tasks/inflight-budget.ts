import { deferred, type Deferred } from '@millrace/foundation';

/** How much of a source may be on its way to the log: back-pressure is not being polled (INV-6). */
export class InflightBudget {
  readonly #bytesMax: number;
  readonly #batchesMax: number;
  #bytes = 0;
  #batches = 0;
  #records = 0;
  #released: Deferred | undefined;

  constructor(bytesMax: number, batchesMax: number) {
    this.#bytesMax = bytesMax;
    this.#batchesMax = batchesMax;
  }

  get recordCount(): number {
    return this.#records;
  }

  get byteCount(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#batches === 0;
  }

  take(bytes: number, records: number): void {
    this.#bytes += bytes;
    this.#records += records;
    this.#batches++;
  }

  release(bytes: number, records: number): void {
    this.#bytes -= bytes;
    this.#records -= records;
    this.#batches--;
    this.#released?.resolve();
    this.#released = undefined;
  }

  async waitForRoom(signal: AbortSignal): Promise<void> {
    await this.#waitUntil(
      () => this.#bytes < this.#bytesMax && this.#batches < this.#batchesMax,
      signal,
    );
  }

  async waitUntilEmpty(signal: AbortSignal): Promise<void> {
    await this.#waitUntil(() => this.#batches === 0, signal);
  }

  async #waitUntil(isReached: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isReached()) {
      signal.throwIfAborted();
      this.#released ??= deferred();
      const released = this.#released;
      const onAbort = (): void => released.resolve();
      signal.addEventListener('abort', onAbort, { once: true });
      await released.promise;
      signal.removeEventListener('abort', onAbort);
      if (this.#released === released) this.#released = undefined;
    }
  }
}
