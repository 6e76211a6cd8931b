/** Kafka's: a sensor that nobody uses for so long is forgotten. */
const EXPIRY_MS = 3_600_000;
/** INV-6: client ids are made up by clients. At the bound the one that was used longest ago goes. */
const SENSORS_MAX = 10_000;

/** The measurements of one kind, by who they are about. */
export class Sensors<S extends { readonly lastUsedMs: number }> {
  readonly #make: () => S;
  readonly #sensors = new Map<string, S>();

  constructor(make: () => S) {
    this.#make = make;
  }

  get size(): number {
    return this.#sensors.size;
  }

  of(name: string, nowMs: number): S {
    const known = this.#sensors.get(name);
    const sensor = known ?? this.#make();
    // The map's order is that of use, so that the first are those to forget.
    if (known !== undefined) this.#sensors.delete(name);
    this.#sensors.set(name, sensor);
    if (known === undefined) this.#forget(nowMs);
    return sensor;
  }

  #forget(nowMs: number): void {
    for (const [name, { lastUsedMs }] of this.#sensors) {
      const isFresh = nowMs - lastUsedMs < EXPIRY_MS || lastUsedMs === 0;
      if (isFresh && this.#sensors.size <= SENSORS_MAX) return;
      this.#sensors.delete(name);
    }
  }
}
