/**
 * Answers by key, the least recently used ones forgotten first (INV-6). A question that is on its way is asked once
 * (its promise is the entry), and a failed one is forgotten.
 */
export class BoundedCache<T> {
  readonly #entries = new Map<string, Promise<T>>();
  readonly #entriesMax: number;

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  get(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const asked = ask();
    this.#entries.set(key, asked);
    asked.catch(() => {
      if (this.#entries.get(key) === asked) this.#entries.delete(key);
    });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax) break;
      this.#entries.delete(oldest);
    }
    return asked;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
