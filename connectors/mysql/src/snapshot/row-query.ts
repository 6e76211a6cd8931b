import { deferred, type Clock, type Deferred } from '@millrace/foundation';
import type { Connection } from 'mysql2';
import * as driver from 'mysql2';

/** A row of the text protocol, where it was received. The bytes are not written over. */
export interface ReceivedRow {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface RowQueryOptions {
  readonly connection: Connection;
  readonly sql: string;
  readonly clock: Clock;
  /** Rows received and not yet taken; beyond, the socket is paused and the server waits. */
  readonly bytesMax: number;
}

/** What we use of a packet of the driver, which it writes over after the call. */
interface Packet {
  readonly buffer: Buffer;
  /** Of the payload. */
  readonly offset: number;
  readonly end: number;
  isEOF(): boolean;
  isError(): boolean;
  asError(encoding: string): Error;
}

/** What we use of the driver beyond its types. Pinned by the tests of this package. */
interface DriverConnection {
  addCommand(command: unknown): unknown;
  _resetSequenceId(): void;
  readonly clientEncoding: string;
  readonly config: unknown;
  pause(): void;
  resume(): void;
}

interface DriverQuery {
  start(packet: undefined, connection: DriverConnection): unknown;
}

/** Why a wait is broken off: a reason of its own would be made, with its stack, for each. */
const OVER = new Error('the wait is over');

type Stage = 'header' | 'fields' | 'rows' | 'done';

/**
 * A query whose rows are taken as bytes: the driver's own result sets make an object of each row, and have no bound.
 * It is a command of the driver's queue, so logins, TLS and large packets are the driver's.
 */
export class RowQuery {
  readonly #connection: DriverConnection;
  readonly #options: RowQueryOptions;
  readonly #query: DriverQuery;
  #rows: ReceivedRow[] = [];
  #taken = 0;
  #bytes = 0;
  #stage: Stage = 'header';
  #fieldsLeft = 0;
  #isPaused = false;
  #failure: Error | null = null;
  /** Somebody waits for a row. */
  #waiter: Deferred | null = null;

  constructor(options: RowQueryOptions) {
    this.#options = options;
    // One cast at the border to what the driver's types leave out.
    this.#connection = options.connection as unknown as DriverConnection;
    const createQuery = Reflect.get(driver, 'createQuery') as (
      sql: string,
      values: readonly unknown[],
      callback: () => void,
      config: unknown,
    ) => DriverQuery;
    this.#query = createQuery(options.sql, [], () => undefined, this.#connection.config);
    this.#connection.addCommand(this);
  }

  /** All rows were taken. Never of a query that failed: who waits for its next row is told (INV-8). */
  get isDone(): boolean {
    return this.#stage === 'done' && this.#failure === null && this.#taken === this.#rows.length;
  }

  /** The next row that is here; undefined: none for now, or no more. */
  take(): ReceivedRow | undefined {
    const row = this.#rows[this.#taken];
    if (row === undefined) return undefined;
    this.#taken++;
    this.#bytes -= row.end - row.start;
    if (this.#taken === this.#rows.length) {
      this.#rows = [];
      this.#taken = 0;
      this.#bytes = 0;
    }
    if (this.#isPaused && this.#bytes < this.#options.bytesMax / 2) {
      this.#isPaused = false;
      this.#connection.resume();
    }
    return row;
  }

  /** Until there is a row, or the end, or the time has passed. @throws what the server or the network raised */
  async wait(waitMs: number, signal: AbortSignal): Promise<void> {
    if (this.#taken < this.#rows.length) return;
    this.#throwFailure();
    if (this.#stage === 'done') return;
    signal.throwIfAborted();
    const timer = new AbortController();
    const onAbort = (): void => timer.abort(OVER);
    signal.addEventListener('abort', onAbort, { once: true });
    const patience = this.#options.clock.sleep(waitMs, timer.signal).catch(() => undefined); // a row came in time, or the abort did
    const waiter = deferred();
    this.#waiter = waiter;
    await Promise.race([waiter.promise, patience]);
    this.#waiter = null;
    timer.abort(OVER);
    signal.removeEventListener('abort', onAbort);
    signal.throwIfAborted();
    if (this.#taken === this.#rows.length) this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Called by the driver: first to send, then with each packet. True when the command is over. */
  execute(packet: Packet | undefined, connection: DriverConnection): boolean {
    if (packet === undefined) {
      connection._resetSequenceId();
      this.#query.start(undefined, connection);
      return false;
    }
    if (packet.isError()) {
      this.onResult(packet.asError(connection.clientEncoding));
      return true;
    }
    switch (this.#stage) {
      case 'header':
        this.#fieldsLeft = packet.buffer.readUInt8(packet.offset);
        // A count beyond a byte: two follow.
        if (this.#fieldsLeft === 0xfc)
          this.#fieldsLeft = packet.buffer.readUInt16LE(packet.offset + 1);
        this.#stage = this.#fieldsLeft === 0 ? 'done' : 'fields';
        break;
      case 'fields':
        // After the last column comes a mark of its own.
        if (this.#fieldsLeft === 0) this.#stage = 'rows';
        else this.#fieldsLeft--;
        return false;
      case 'rows':
        if (packet.isEOF()) this.#stage = 'done';
        else this.#receive(packet);
        break;
      case 'done':
        break;
    }
    this.#wake();
    return this.#stage === 'done';
  }

  /** Called by the driver when the connection is lost. */
  onResult(error: Error): void {
    this.#failure = error;
    this.#stage = 'done';
    this.#wake();
  }

  #receive({ buffer, offset, end }: Packet): void {
    this.#rows.push({ buffer, start: offset, end });
    this.#bytes += end - offset;
    if (this.#bytes < this.#options.bytesMax || this.#isPaused) return;
    this.#isPaused = true;
    this.#connection.pause();
  }

  #wake(): void {
    this.#waiter?.resolve();
    this.#waiter = null; // the other rows of the same chunk have nobody to wake
  }
}
