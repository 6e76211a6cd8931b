/**
 * Bytes that all connections share (INV-6). A taker that does not fit is let in all the same while
 * less than half is taken: so one that is larger than the bound can pass beside small ones that stay
 * for long, and no more than half the bound and one taker is ever taken.
 */
export class ByteBudget {
  readonly bytesMax: number;
  #taken = 0;
  #waiting = new Set<() => void>();

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get taken(): number {
    return this.#taken;
  }

  get free(): number {
    return Math.max(0, this.bytesMax - this.#taken);
  }

  tryTake(bytes: number): boolean {
    const fits = this.#taken + bytes <= this.bytesMax;
    if (!fits && this.#taken * 2 >= this.bytesMax) return false;
    this.#taken += bytes;
    return true;
  }

  /** For what is already there and must be counted, over the bound or not. */
  take(bytes: number): void {
    this.#taken += bytes;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
    if (this.#waiting.size === 0) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  /** `wake` is called once, when something was given back; it tries again and may have to wait again. */
  onRoom(wake: () => void): void {
    this.#waiting.add(wake);
  }

  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}
