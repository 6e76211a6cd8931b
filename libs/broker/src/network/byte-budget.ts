/** Bytes that all connections share (INV-6). One taker that is larger than the bound is let in alone. */
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
    if (this.#taken > 0 && this.#taken + bytes > this.bytesMax) return false;
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
