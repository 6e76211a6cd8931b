import * as zlib from 'node:zlib';
import type { Transform } from 'node:stream';
import { decompress } from '@mongodb-js/zstd';
import { transactionTooLarge } from '../errors.ts';
import type { EventDecoder } from './event-decoder.ts';
import { HEADER_BYTES } from './event-types.ts';
import type { BinlogEvent, EventBase } from './event.ts';
import { UNPACKED_BYTES_MAX } from './mariadb-compression.ts';
import type { TransactionPayload } from './payload.ts';

const PIECE_BYTES = 256 * 1024;

/** Node.js 22.15 and later unpack zstd piece by piece. */
type StreamMaker = (options: { readonly chunkSize: number }) => Transform;

function streamMaker(): StreamMaker | undefined {
  const found: unknown = Reflect.get(zlib, 'createZstdDecompress');
  // The types of the oldest Node.js that we run on don't have it.
  return typeof found === 'function' ? (found as StreamMaker) : undefined;
}

/**
 * What is in the payload, in pieces that are never written over. Where this Node.js can't unpack in pieces, all at once,
 * and no more than `unpackedBytesMax` (INV-6).
 * @throws MillraceError `mysql.transaction_too_large`
 */
export async function* unpackedPieces(
  { data, isCompressed, unpackedBytes }: TransactionPayload,
  unpackedBytesMax: number,
): AsyncGenerator<Buffer, void, undefined> {
  if (!isCompressed) {
    yield data;
    return;
  }
  const createStream = streamMaker();
  if (createStream === undefined) {
    if (unpackedBytes > unpackedBytesMax)
      throw transactionTooLarge(unpackedBytes, unpackedBytesMax, process.version);
    yield await decompress(data);
    return;
  }
  const stream = createStream({ chunkSize: PIECE_BYTES });
  stream.end(data);
  for await (const piece of stream)
    yield Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
}

/** The events of a compressed transaction, as they are unpacked: never more of it in memory than a read asks for. */
export class PayloadEvents {
  readonly #pieces: AsyncIterator<Buffer, void, undefined>;
  readonly #decoder: EventDecoder;
  /** Of the event that they came in. */
  readonly #outer: EventBase;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #hasEnded = false;

  constructor(
    pieces: AsyncIterator<Buffer, void, undefined>,
    decoder: EventDecoder,
    outer: EventBase,
  ) {
    this.#pieces = pieces;
    this.#decoder = decoder;
    this.#outer = outer;
  }

  /** All were read. */
  get isDone(): boolean {
    return this.#hasEnded && this.#at === this.#buffer.length;
  }

  /** Adds events of about `bytesMax`, and tells how many bytes they were. @throws RangeError when one is not whole */
  async read(into: BinlogEvent[], bytesMax: number): Promise<number> {
    let bytes = 0;
    while (bytes < bytesMax && (await this.#has(HEADER_BYTES))) {
      const size = this.#buffer.readUInt32LE(this.#at + 9);
      if (size < HEADER_BYTES || size > UNPACKED_BYTES_MAX || !(await this.#has(size)))
        throw new RangeError('an event is not whole');
      into.push(this.#decode(this.#buffer, this.#at, size));
      this.#at += size;
      bytes += size;
    }
    return bytes;
  }

  async close(): Promise<void> {
    this.#hasEnded = true;
    this.#at = this.#buffer.length;
    await this.#pieces.return?.();
  }

  #decode(plain: Buffer, at: number, size: number): BinlogEvent {
    const base: EventBase = {
      ...this.#outer,
      type: plain.readUInt8(at + 4),
      timestamp: plain.readUInt32LE(at),
      serverId: plain.readUInt32LE(at + 5),
      flags: plain.readUInt16LE(at + 17),
    };
    return this.#decoder.decodeBody(plain, at + HEADER_BYTES, at + size, base);
  }

  /** Whether so many bytes are left, in one buffer; false only at the end. */
  async #has(count: number): Promise<boolean> {
    const left = this.#buffer.length - this.#at;
    if (left >= count) return true;
    const parts = [this.#buffer.subarray(this.#at)];
    let total = left;
    while (total < count && !this.#hasEnded) {
      const next = await this.#pieces.next();
      if (next.done === true) {
        this.#hasEnded = true;
        break;
      }
      parts.push(next.value);
      total += next.value.length;
    }
    this.#buffer = parts.length === 2 && left === 0 ? (parts[1] ?? NONE) : Buffer.concat(parts);
    this.#at = 0;
    if (total >= count) return true;
    if (total > 0) throw new RangeError('an event is not whole');
    return false;
  }
}

const NONE = Buffer.alloc(0);
