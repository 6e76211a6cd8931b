import { readFileSync, statSync } from 'node:fs';
import { parseConfigFile } from '@millrace/config';

/** How old what is known of a file may be. */
const AGE_MS_MAX = 1000;

/**
 * A properties file of names and secrets, read again when it changes. One that can't be read any more lets nobody in
 * whom it did not let in before: what was read last goes on to count.
 */
export class SecretFile<T> {
  readonly #path: string;
  readonly #parse: (entries: Readonly<Record<string, string>>) => T;
  readonly #now: () => number;
  #checkedMs: number;
  #stamp: string;
  #value: T;

  /** @throws Error of the file system, or of `parse`, which must repeat no secret */
  constructor(
    path: string,
    parse: (entries: Readonly<Record<string, string>>) => T,
    now: () => number = Date.now,
  ) {
    this.#path = path;
    this.#parse = parse;
    this.#now = now;
    this.#checkedMs = now();
    this.#stamp = stampOf(path);
    this.#value = this.#read();
  }

  get value(): T {
    const nowMs = this.#now();
    if (nowMs - this.#checkedMs < AGE_MS_MAX) return this.#value;
    this.#checkedMs = nowMs;
    try {
      const stamp = stampOf(this.#path);
      if (stamp === this.#stamp) return this.#value;
      this.#value = this.#read();
      this.#stamp = stamp;
    } catch {
      // Being written, or gone: asked again in a second.
    }
    return this.#value;
  }

  #read(): T {
    const entries = parseConfigFile('secrets.properties', readFileSync(this.#path, 'utf8'));
    return this.#parse(
      Object.fromEntries(Object.entries(entries).map(([name, value]) => [name, String(value)])),
    );
  }
}

function stampOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs}:${size}:${ino}`;
}
