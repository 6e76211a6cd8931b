import type { Duplex } from 'node:stream';
import { deferred, type Clock, type Deferred } from '@millrace/foundation';
import type { Client } from 'pg';
import { decodeServerError, type ServerErrorFields } from './decode/server-error.ts';
import { FrameReader } from './decode/frame-reader.ts';
import { driverSocket } from './driver-socket.ts';
import { readBlocks, recycleBlocks, stopReading } from './read-socket.ts';

/**
 * The socket of a `pg` connection while it is in a COPY: `pg` parses nothing, frames are cut out here.
 *
 * Reading is pulled. Chunks gather in `frames` up to a bound and then the socket is paused, so a reader that stops
 * stops the server (INV-6). Reading is also **paced**: the walsender flushes each message by itself, and a reader
 * that is always ready is woken, and wakes the server, for every one. After a turn of the event loop that brought
 * little, the socket rests for a millisecond: several times fewer wake-ups on both sides. Decided at the end of a
 * turn, since under TLS one `data` event is one message.
 *
 * This touches `connection.stream` of `pg`, which is not documented: `pg` is pinned to a major version, and
 * `pg-copy-streams` would be the way back. The driver can't use the connection any more; it ends with `close`.
 */
export class CopySocket {
  readonly frames = new FrameReader();
  readonly #stream: Duplex;
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #isPaced: boolean;
  readonly #stop = new AbortController();
  #waiter: Deferred | undefined;
  #turnBytes = 0;
  #isTurnScheduled = false;
  #isFull = false;
  #isResting = false;
  #hasNews = false;
  #failure: unknown;
  #isClosed = false;

  constructor(
    client: Client,
    options: { readonly clock: Clock; readonly bytesMax: number; readonly isPaced: boolean },
  ) {
    this.#stream = driverSocket(client);
    this.#clock = options.clock;
    this.#bytesMax = options.bytesMax;
    this.#isPaced = options.isPaced;
    this.#stream.removeAllListeners('data');
    readBlocks(this.#stream, this.#onData);
    this.#stream.on('error', this.#onError);
    this.#stream.on('close', this.#onClose);
    this.#stream.on('end', this.#onClose);
    if (this.#stream.destroyed) this.#isClosed = true;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends a simple query, as the driver would. */
  sendQuery(sql: string): void {
    const body = Buffer.from(`${sql}\0`);
    const frame = Buffer.allocUnsafe(5 + body.length);
    frame.writeUInt8(0x51, 0); // Q
    frame.writeInt32BE(4 + body.length, 1);
    body.copy(frame, 5);
    this.#stream.write(frame);
  }

  write(bytes: Buffer): void {
    if (!this.#isClosed && this.#stream.writable) this.#stream.write(bytes);
  }

  /**
   * Waits for bytes that were not there at the last call, for `timeoutMs` at the most. Call it when `frames.next()`
   * says that there is nothing more. @throws what broke the connection, or `signal.reason`
   */
  async waitForBytes(timeoutMs: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#hasNews = false;
    this.#isFull = false;
    this.#resume();
    if (this.#isClosed) throw this.#closedError();
    const waiter = deferred();
    this.#waiter = waiter;
    const timer = new AbortController();
    const stopTimer = (): void => timer.abort();
    signal.addEventListener('abort', stopTimer, { once: true });
    try {
      await Promise.race([
        waiter.promise,
        this.#clock.sleep(timeoutMs, timer.signal).catch(() => undefined), // woken by bytes or by the abort
      ]);
    } finally {
      this.#waiter = undefined;
      timer.abort();
      signal.removeEventListener('abort', stopTimer);
    }
    signal.throwIfAborted();
    if (this.#isExhausted()) throw this.#closedError();
  }

  /** Call it after taking frames: lets the server go on once there is room again. */
  makeRoom(): void {
    if (!this.#isFull || this.frames.bytes > this.#bytesMax / 2) return;
    this.#isFull = false;
    this.#resume();
  }

  /** Whoever took frames has copied what he keeps: their memory is read into again. */
  recycle(): void {
    recycleBlocks(this.#stream, this.frames.oldest);
  }

  /** Ends the connection: Terminate, then wait until the server has closed it and so released what it held. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosed) return;
    const closed = new Promise<void>((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.once('end', resolve);
    });
    stopReading(this.#stream, this.#onData);
    this.#stop.abort();
    this.#stream.resume();
    this.#stream.end(TERMINATE);
    const timer = new AbortController();
    await Promise.race([
      closed,
      this.#clock.sleep(timeoutMs, timer.signal).catch(() => undefined), // closed in time
    ]);
    timer.abort();
    this.#isClosed = true;
    this.#stream.destroy();
  }

  serverError(): ServerErrorFields {
    return decodeServerError(this.frames.buffer, this.frames.start, this.frames.end);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.frames.push(chunk);
    this.#hasNews = true;
    this.#turnBytes += chunk.length;
    if (this.frames.bytes >= this.#bytesMax) {
      this.#isFull = true;
      this.#stream.pause();
    }
    if (this.#isTurnScheduled) return;
    this.#isTurnScheduled = true;
    setImmediate(this.#onEndOfTurn);
  };

  readonly #onEndOfTurn = (): void => {
    this.#isTurnScheduled = false;
    const isSmall = this.#turnBytes < PACING_BYTES;
    this.#turnBytes = 0;
    this.#waiter?.resolve();
    if (!this.#isPaced || !isSmall || this.#isFull || this.#isResting || this.#isClosed) return;
    this.#isResting = true;
    this.#stream.pause();
    const rest = (): void => {
      this.#isResting = false;
      this.#resume();
    };
    this.#clock.sleep(PACING_MS, this.#stop.signal).then(rest, rest);
  };

  readonly #onError = (error: unknown): void => {
    this.#failure ??= error;
    this.#onClose();
  };

  readonly #onClose = (): void => {
    this.#isClosed = true;
    this.#stop.abort();
    this.#waiter?.resolve();
  };

  #isExhausted(): boolean {
    return this.#isClosed && !this.#hasNews;
  }

  #resume(): void {
    if (!this.#isFull && !this.#isResting && !this.#isClosed) this.#stream.resume();
  }

  #closedError(): unknown {
    return (
      this.#failure ??
      Object.assign(new Error('the server closed the connection'), { code: 'ECONNRESET' })
    );
  }
}

/** A turn that brought less is a sign of being woken for single messages. */
const PACING_BYTES = 32 << 10;
const PACING_MS = 1;
const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4]);
