import { deferred, type Deferred } from '@millrace/foundation';

/** Lets a few pieces of work run at a time; the others wait in their order (INV-6). */
export class Turns {
  #free: number;
  readonly #waiting: Deferred[] = [];

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) {
      const turn = deferred();
      this.#waiting.push(turn);
      await turn.promise;
    } else {
      this.#free -= 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next.resolve();
    }
  }
}
