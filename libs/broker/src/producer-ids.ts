/** As Kafka's controller: ids are reserved durably a block at a time, so that a crash wastes some but repeats none. */
const BLOCK_SIZE = 1000;

export class ProducerIds {
  readonly #reserve: (count: number) => Promise<number>;
  #next = 0;
  #end = 0;
  #reserving: Promise<void> | undefined;

  constructor(reserve: (count: number) => Promise<number>) {
    this.#reserve = reserve;
  }

  async next(): Promise<number> {
    while (this.#next === this.#end) {
      this.#reserving ??= this.#fill().finally(() => (this.#reserving = undefined));
      await this.#reserving;
    }
    const producerId = this.#next;
    this.#next += 1;
    return producerId;
  }

  async #fill(): Promise<void> {
    this.#next = await this.#reserve(BLOCK_SIZE);
    this.#end = this.#next + BLOCK_SIZE;
  }
}
