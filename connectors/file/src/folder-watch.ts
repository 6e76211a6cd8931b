import { watch, type FSWatcher } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** More than so many events within a second cost more than looking at the files. */
const EVENTS_MAX = 1_000;
const COUNTED_MS = 1_000;

export interface FileListener {
  /** Something happened to the file, or may have. */
  changed(): void;
  /** Nothing will be told any more. */
  lost(): void;
}

/** By folder: one watch for all tasks of the process with a file in it, for as long as one is interested. */
const folders = new Map<string, WatchedFolder>();

/**
 * Tells of changes to one name until the returned function is called. `undefined` when the folder can't be watched: it
 * is not there, or there are too many watches.
 */
export function watchFile(file: string, listener: FileListener): (() => void) | undefined {
  const path = resolve(file);
  const folder = dirname(path);
  let watched = folders.get(folder);
  if (watched === undefined) {
    try {
      watched = new WatchedFolder(folder, () => folders.delete(folder));
    } catch {
      return undefined; // the file is looked at as if there were no watches
    }
    folders.set(folder, watched);
  }
  return watched.add(basename(path), listener);
}

class WatchedFolder {
  readonly #name: string;
  readonly #watcher: FSWatcher;
  readonly #onClosed: () => void;
  readonly #listeners = new Map<string, Set<FileListener>>();
  #events = 0;
  #countedSinceMs = performance.now();

  constructor(folder: string, onClosed: () => void) {
    this.#name = basename(folder);
    this.#onClosed = onClosed;
    this.#watcher = watch(folder, { persistent: false }, (_event, name) => this.#heard(name));
    this.#watcher.on('error', () => this.#lose());
  }

  add(name: string, listener: FileListener): () => void {
    const listeners = this.#listeners.get(name) ?? new Set<FileListener>();
    this.#listeners.set(name, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(name) !== listeners) return;
      this.#listeners.delete(name);
      if (this.#listeners.size === 0) this.#close();
    };
  }

  #heard(name: string | null): void {
    if (this.#isTooMuch()) {
      this.#lose();
      return;
    }
    // Without a name, or with the folder's own: it is about the folder, so about everything in it.
    const isOfFolder = name === null || name === this.#name;
    for (const each of isOfFolder ? this.#all() : [...(this.#listeners.get(name) ?? [])])
      each.changed();
  }

  /** Others may write thousands of times a second beside our file. */
  #isTooMuch(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#countedSinceMs >= COUNTED_MS) {
      this.#countedSinceMs = nowMs;
      this.#events = 0;
    }
    this.#events++;
    return this.#events > EVENTS_MAX;
  }

  #lose(): void {
    const all = this.#all();
    this.#listeners.clear();
    this.#close();
    for (const each of all) each.lost();
  }

  #all(): FileListener[] {
    return [...this.#listeners.values()].flatMap((listeners) => [...listeners]);
  }

  #close(): void {
    this.#watcher.close();
    this.#onClosed();
  }
}
