import { Socket, type SocketConstructorOpts } from 'node:net';
import type { Duplex } from 'node:stream';

/** A read takes what the kernel has, so much at the most. */
const BLOCK_BYTES = 256 << 10;
/** With less left, the next read begins a new block. */
const ROOM_BYTES_MIN = 64 << 10;
/** What waits to be used again. */
const FREE_BLOCKS_MAX = 8;

/** The blocks that a socket reads into, one after another. */
class Blocks {
  onBytes: ((bytes: Buffer) => void) | null = null;
  /** In the order in which they were filled; the last one is being filled. */
  readonly #inUse: Buffer[] = [];
  readonly #free: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  #used = 0;

  /** Where the next read goes. */
  room(): Buffer {
    if (this.#block.length - this.#used < ROOM_BYTES_MIN) {
      this.#block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
      this.#used = 0;
      this.#inUse.push(this.#block);
      // Who never gives back must not keep what the reader is done with.
      if (this.#inUse.length > FREE_BLOCKS_MAX) this.#inUse.shift();
    }
    return this.#block.subarray(this.#used);
  }

  read(count: number): Buffer {
    const bytes = this.#block.subarray(this.#used, this.#used + count);
    this.#used += count;
    return bytes;
  }

  recycle(oldest: ArrayBufferLike | null): void {
    // So much was read ahead that its first block is not known any more: all others are behind it.
    if (oldest !== null && !this.#inUse.some((block) => block.buffer === oldest)) return;
    for (let first = this.#inUse[0]; first !== undefined; first = this.#inUse[0]) {
      if (first === this.#block || first.buffer === oldest) return;
      this.#inUse.shift();
      if (this.#free.length < FREE_BLOCKS_MAX) this.#free.push(first);
    }
  }
}

const blocksOf = new WeakMap<Duplex, Blocks>();

/**
 * A socket whose reads lie one behind the other in large blocks: Node makes a fresh buffer of 64 KB for each read of an
 * ordinary one, and the messages that lie across them have to be put together. The driver hears of them by 'data'
 * events, as of any socket's, until `readBlocks`.
 */
export function openReadSocket(): Socket {
  const blocks = new Blocks();
  // Known to Node since 12, and to its types for sockets that connect in the same call.
  const options: SocketConstructorOpts & { readonly onread: OnRead } = {
    onread: {
      buffer: () => blocks.room(),
      callback: (count) => {
        const bytes = blocks.read(count);
        if (blocks.onBytes === null) socket.emit('data', bytes);
        else blocks.onBytes(bytes);
        return true;
      },
    },
  };
  const socket = new Socket(options);
  blocksOf.set(socket, blocks);
  return socket;
}

interface OnRead {
  readonly buffer: () => Uint8Array;
  readonly callback: (count: number, bytes: Uint8Array) => boolean;
}

/** From now on `onBytes` gets what the socket reads; of a socket of another kind, by its events. */
export function readBlocks(socket: Duplex, onBytes: (bytes: Buffer) => void): void {
  const blocks = blocksOf.get(socket);
  if (blocks === undefined) socket.on('data', onBytes);
  else blocks.onBytes = onBytes;
}

/** What is still on its way is not wanted any more. */
export function stopReading(socket: Duplex, onBytes: (bytes: Buffer) => void): void {
  const blocks = blocksOf.get(socket);
  socket.off('data', onBytes);
  if (blocks === undefined) socket.on('data', ignore);
  else blocks.onBytes = ignore;
}

/** Nobody looks any more at what was read before the block of `oldest`: it may be written over. Null: nothing is left. */
export function recycleBlocks(socket: Duplex, oldest: ArrayBufferLike | null): void {
  blocksOf.get(socket)?.recycle(oldest);
}

function ignore(): void {
  // Bytes of a connection that is being closed.
}
