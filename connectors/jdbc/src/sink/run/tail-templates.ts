const ZERO = 0x30;
const NINE = 0x39;

const WORD_BYTES = 4;

/** What stands behind the row in a change event: where it comes from and what it is. */
export interface LearntTail {
  readonly bytes: Uint8Array;
  /** Bytes that must be the same in two of them: 1; else digits may differ. */
  readonly fixed: Uint8Array;
  /** What messages with this end ask for. */
  readonly kind: 'write' | 'delete' | 'skip';
}

export interface Tail extends LearntTail {
  /** The same bytes for comparison. */
  readonly words: Int32Array;
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
  /** Of the last message, and mostly of the next. */
  #memory: DataView = new DataView(new ArrayBuffer(0));

  find(message: Uint8Array): Tail | undefined {
    if (message.buffer !== this.#memory.buffer) this.#memory = new DataView(message.buffer);
    const end = message.byteOffset + message.length;
    for (let place = 0; place < this.#lengths.length; place++) {
      const tails = this.#tails.get(this.#lengths[place] ?? 0) ?? [];
      for (const tail of tails) {
        if (tail.bytes.length > message.length || !endsAlike(this.#memory, end, tail)) continue;
        if (place > 0) this.#moveUp(place);
        return tail;
      }
    }
    return undefined;
  }

  add(learnt: LearntTail): void {
    const tail = { ...learnt, words: wordsOf(learnt.bytes) };
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

/** From the end, where events of other kinds differ soonest, four bytes at a time. */
function endsAlike(memory: DataView, end: number, { bytes, words, fixed }: Tail): boolean {
  const from = end - bytes.length;
  let at = bytes.length;
  for (let word = 0; word < words.length; word++) {
    at -= WORD_BYTES;
    if (memory.getInt32(from + at) === words[word]) continue;
    if (!differsInDigits(memory, from, bytes, fixed, at, at + WORD_BYTES)) return false;
  }
  return differsInDigits(memory, from, bytes, fixed, 0, at);
}

function differsInDigits(
  memory: DataView,
  from: number,
  bytes: Uint8Array,
  fixed: Uint8Array,
  start: number,
  end: number,
): boolean {
  for (let index = start; index < end; index++) {
    const known = bytes[index] ?? 0;
    const byte = memory.getUint8(from + index);
    if (byte === known) continue;
    if (!isDigit(byte) || !isDigit(known) || fixed[index] === 1) return false;
    // No number begins with a needless zero.
    if (byte === ZERO && !isDigit(bytes[index - 1])) return false;
  }
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** Of the bytes before `end`, the last four first. */
function wordsOf(bytes: Uint8Array): Int32Array {
  const memory = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new Int32Array(Math.floor(bytes.length / WORD_BYTES));
  for (let word = 0; word < words.length; word++)
    words[word] = memory.getInt32(bytes.length - (word + 1) * WORD_BYTES);
  return words;
}
