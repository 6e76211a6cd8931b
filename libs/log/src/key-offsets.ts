import { hash as digestOf } from 'node:crypto';

const WORDS = 4;
/** Beyond it a probe takes too many steps. */
const FILL_MAX = 0.75;

/**
 * Hash of a key → the last offset with that key, in typed arrays of a fixed size (INV-6): 24 bytes
 * a slot. Keys are told apart by 16 bytes of their hash, as Kafka does.
 */
export class KeyOffsets {
  readonly #slots: number;
  readonly #hashes: Uint32Array;
  readonly #offsets: Float64Array;
  #size = 0;

  constructor(keysMax: number) {
    this.#slots = Math.max(16, Math.ceil(keysMax / FILL_MAX));
    this.#hashes = new Uint32Array(this.#slots * WORDS);
    this.#offsets = new Float64Array(this.#slots).fill(-1);
  }

  /** Its share of the slots that may be taken, 0 to 1. */
  get fill(): number {
    return this.#size / (this.#slots * FILL_MAX);
  }

  get isFull(): boolean {
    return this.#size >= this.#slots * FILL_MAX;
  }

  /** False, and nothing is noted, when there is no room for a new key. */
  set(key: Uint8Array, offset: number): boolean {
    const hash = hashOf(key);
    const slot = this.#find(hash);
    if ((this.#offsets[slot] ?? -1) < 0) {
      if (this.isFull) return false;
      this.#size += 1;
      this.#hashes.set(hash, slot * WORDS);
    }
    this.#offsets[slot] = offset;
    return true;
  }

  /** -1 when the key is unknown. */
  get(key: Uint8Array): number {
    return this.#offsets[this.#find(hashOf(key))] ?? -1;
  }

  /** The slot of the hash, or the free one where it belongs. */
  #find(hash: Uint32Array): number {
    let slot = (hash[0] ?? 0) % this.#slots;
    while ((this.#offsets[slot] ?? -1) >= 0) {
      const at = slot * WORDS;
      if (
        this.#hashes[at] === hash[0] &&
        this.#hashes[at + 1] === hash[1] &&
        this.#hashes[at + 2] === hash[2] &&
        this.#hashes[at + 3] === hash[3]
      ) {
        return slot;
      }
      slot = (slot + 1) % this.#slots;
    }
    return slot;
  }
}

function hashOf(key: Uint8Array): Uint32Array {
  const digest = digestOf('sha1', key, 'buffer');
  const words = new Uint32Array(WORDS);
  for (let word = 0; word < WORDS; word += 1) words[word] = digest.readUInt32LE(word * 4);
  return words;
}
