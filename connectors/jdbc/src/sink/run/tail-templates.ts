const ZERO = 0x30;
const NINE = 0x39;

/** What stands behind the row in a change event: where it comes from and what it is. */
export interface Tail {
  readonly bytes: Uint8Array;
  /** Bytes that must be the same in two of them: 1; else digits may differ. */
  readonly fixed: Uint8Array;
  /** What messages with this end ask for. */
  readonly kind: 'write' | 'delete' | 'skip';
}

/** INV-6; learnt again when they are needed. */
const TAILS_MAX = 64;

/**
 * The ends of messages that were read and understood. Another message ends alike, but for digits: its position, its
 * times. It is then known what kind of event it is, and that it is well-formed, without reading it.
 */
export class TailTemplates {
  /** By length, the one seen last first. */
  readonly #tails = new Map<number, Tail[]>();
  /** In the order of use as far as that is cheap. */
  #lengths: number[] = [];
  #count = 0;

  find(message: Uint8Array): Tail | undefined {
    for (let place = 0; place < this.#lengths.length; place++) {
      const tails = this.#tails.get(this.#lengths[place] ?? 0) ?? [];
      for (const tail of tails) {
        if (!endsAlike(message, tail)) continue;
        if (place > 0) this.#moveUp(place);
        return tail;
      }
    }
    return undefined;
  }

  add(tail: Tail): void {
    if (this.#count >= TAILS_MAX) {
      this.#tails.clear();
      this.#lengths = [];
      this.#count = 0;
    }
    const { length } = tail.bytes;
    const known = this.#tails.get(length);
    if (known === undefined) {
      this.#tails.set(length, [tail]);
      this.#lengths.unshift(length);
    } else known.unshift(tail);
    this.#count++;
  }

  #moveUp(place: number): void {
    const lengths = this.#lengths;
    const found = lengths[place] ?? 0;
    lengths[place] = lengths[place - 1] ?? 0;
    lengths[place - 1] = found;
  }
}

/** From the end, where events of other kinds differ soonest. */
function endsAlike(message: Uint8Array, { bytes, fixed }: Tail): boolean {
  const from = message.length - bytes.length;
  if (from < 0) return false;
  for (let index = bytes.length - 1; index >= 0; index--) {
    const known = bytes[index] ?? 0;
    const byte = message[from + index] ?? 0;
    if (byte === known) continue;
    if (byte < ZERO || byte > NINE || known < ZERO || known > NINE) return false;
    if (fixed[index] === 1) return false;
    // No number begins with a needless zero.
    if (byte === ZERO && !isDigit(bytes[index - 1])) return false;
  }
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
