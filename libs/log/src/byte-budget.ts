import { deferred, type Deferred } from '@millrace/foundation';

/** Bytes shared by many takers (INV-6). One taker larger than the bound is let in alone. */
export class ByteBudget {
  readonly bytesMax: number;
  #taken = 0;
  #waiting: Deferred[] = [];

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get taken(): number {
    return this.#taken;
  }

  tryTake(bytes: number): boolean {
    if (this.#taken > 0 && this.#taken + bytes > this.bytesMax) return false;
    this.#taken += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
    if (this.#waiting.length > 0 && this.hasRoom()) {
      for (const waiter of this.#waiting.splice(0)) waiter.resolve();
    }
  }

  /** Less than half is taken: a reader that was paused at the bound may go on. */
  hasRoom(): boolean {
    return this.#taken * 2 < this.bytesMax;
  }

  /** Resolves when less than half is taken. For callers that stop reading from their sockets meanwhile. */
  waitForRoom(): Promise<void> {
    if (this.hasRoom()) return Promise.resolve();
    const waiter = deferred();
    this.#waiting.push(waiter);
    return waiter.promise;
  }
}
