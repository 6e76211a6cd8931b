import { isAscii, isUtf8 } from 'node:buffer';

/** What is found in the bytes of a file, in order. */
export interface LineSink {
  /** `end`: the position in the file behind the line's terminator. */
  line(text: string, end: number): void;
  /** The line is not text of the encoding. */
  malformed(end: number): void;
  /** The line was longer than the bound; its bytes are gone. */
  tooLong(end: number, bytes: number): void;
}

export interface LineBufferOptions {
  readonly position: number;
  readonly lineBytesMax: number;
  readonly encoding: 'utf8' | 'latin1';
}

export const READ_BYTES = 256 * 1024;
const NEWLINE = 10;
const RETURN = 13;

/**
 * Bytes of a file in, lines out. Ends of lines are `\n`, `\r\n` and a lone `\r`, as in Kafka's connector; a `\r` that
 * stands last waits for what follows. Positions are bytes, so that a restart is exact whatever the text is.
 *
 * Complete lines of a read are made text in one go where they are ASCII, and cut from that: several times faster than
 * decoding each. The buffer holds one unfinished line and one read (INV-6); a longer line is dropped while it comes.
 */
export class LineBuffer {
  readonly #lineBytesMax: number;
  readonly #encoding: 'utf8' | 'latin1';
  #buffer = Buffer.allocUnsafe(2 * READ_BYTES);
  /** The bytes not yet handed out are those from start to end; complete lines end at `ready`. */
  #start = 0;
  #ready = 0;
  #end = 0;
  #position: number;
  /** Bytes of a too long line that were dropped already; 0 when none is being skipped. */
  #skippedBytes = 0;
  /** Text of the complete lines from `textBase` on, when they are of one byte a character. */
  #text = '';
  #textBase = 0;
  #isPlain = false;
  #hasReturn = false;

  constructor(options: LineBufferOptions) {
    this.#position = options.position;
    this.#lineBytesMax = options.lineBytesMax;
    this.#encoding = options.encoding;
  }

  /** The position of the first byte that is not handed out. */
  get position(): number {
    return this.#position;
  }

  /** The position up to which bytes were put in. */
  get readPosition(): number {
    return this.#position + (this.#end - this.#start);
  }

  get hasLines(): boolean {
    return this.#ready > this.#start;
  }

  get unfinishedBytes(): number {
    return this.#end - this.#start + this.#skippedBytes;
  }

  /** Room for the next read. Only to be filled by `filled`, with all lines handed out before. */
  room(): Buffer {
    const kept = this.#end - this.#start;
    if (this.#buffer.length < kept + READ_BYTES) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, kept + READ_BYTES));
      this.#buffer.copy(larger, 0, this.#start, this.#end);
      this.#buffer = larger;
    } else if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#start = 0;
    this.#ready = 0;
    this.#end = kept;
    return this.#buffer.subarray(kept, kept + READ_BYTES);
  }

  filled(bytes: number): void {
    const searchFrom = Math.max(0, this.#end - 1);
    this.#end += bytes;
    const seen = this.#buffer.subarray(0, this.#end);
    this.#hasReturn = seen.includes(RETURN);
    this.#ready = this.#readyEnd(seen, searchFrom);
    const complete = this.#buffer.subarray(this.#start, this.#ready);
    this.#isPlain = this.#encoding === 'latin1' || isAscii(complete);
    this.#textBase = this.#start;
    this.#text = this.#isPlain ? complete.toString('latin1') : '';
    if (this.#ready === 0) this.#dropTooLong();
  }

  /** Hands out complete lines, `linesMax` at the most, and returns how many. */
  take(linesMax: number, sink: LineSink): number {
    let count = 0;
    while (count < linesMax && this.#start < this.#ready) {
      const terminator = this.#nextTerminator();
      const next =
        this.#buffer[terminator] === RETURN &&
        this.#buffer[terminator + 1] === NEWLINE &&
        terminator + 1 < this.#ready
          ? terminator + 2
          : terminator + 1;
      const from = this.#start;
      this.#position += next - from;
      this.#start = next;
      count++;
      this.#handOut(from, terminator, sink);
    }
    return count;
  }

  /** The last line, though it has no end: only for who knows that none will come. */
  takeUnfinished(sink: LineSink): number {
    if (this.unfinishedBytes === 0 || this.hasLines) return 0;
    const from = this.#start;
    const end =
      this.#buffer[this.#end - 1] === RETURN && this.#end > from ? this.#end - 1 : this.#end;
    this.#position += this.#end - from;
    this.#isPlain = false;
    this.#start = this.#end;
    this.#ready = this.#end;
    this.#handOut(from, end, sink);
    return 1;
  }

  #handOut(from: number, to: number, sink: LineSink): void {
    const bytes = to - from + this.#skippedBytes;
    if (bytes > this.#lineBytesMax) {
      this.#skippedBytes = 0;
      sink.tooLong(this.#position, bytes);
      return;
    }
    if (this.#isPlain) {
      sink.line(this.#text.slice(from - this.#textBase, to - this.#textBase), this.#position);
      return;
    }
    if (this.#encoding === 'latin1') {
      sink.line(this.#buffer.toString('latin1', from, to), this.#position);
      return;
    }
    // A replacement character for what is not UTF-8 would be a silent change (INV-8).
    if (isUtf8(this.#buffer.subarray(from, to)))
      sink.line(this.#buffer.toString('utf8', from, to), this.#position);
    else sink.malformed(this.#position);
  }

  /** There is one before `ready`. */
  #nextTerminator(): number {
    if (!this.#hasReturn && this.#isPlain)
      return this.#text.indexOf('\n', this.#start - this.#textBase) + this.#textBase;
    const complete = this.#buffer.subarray(this.#start, this.#ready);
    const newline = complete.indexOf(NEWLINE);
    const carriage = this.#hasReturn
      ? complete.subarray(0, newline < 0 ? complete.length : newline).indexOf(RETURN)
      : -1;
    return this.#start + (carriage >= 0 ? carriage : newline);
  }

  /** Behind the last terminator; a `\r` that stands last may be the half of one. */
  #readyEnd(seen: Buffer, searchFrom: number): number {
    const newline = seen.lastIndexOf(NEWLINE);
    let ready = newline >= searchFrom ? newline + 1 : 0;
    if (this.#hasReturn && seen.length > 1) {
      const carriage = seen.lastIndexOf(RETURN, seen.length - 2);
      if (carriage >= searchFrom && carriage + 1 > ready) ready = carriage + 1;
    }
    return ready;
  }

  #dropTooLong(): void {
    const kept = this.#end - this.#start;
    if (kept + this.#skippedBytes <= this.#lineBytesMax) return;
    // The last byte stays: a `\r` there may be an end.
    const dropped = kept - 1;
    this.#skippedBytes += dropped;
    this.#position += dropped;
    this.#start += dropped;
  }
}
