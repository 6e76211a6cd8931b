import {
  deferred,
  isAborted,
  MillraceError,
  type Clock,
  type Deferred,
} from '@millrace/foundation';
import type { Connection } from 'mysql2';
import { coreOf, type CoreConnection } from './core-connection.ts';
import { DumpCommand, RegisterCommand, type DumpSink } from './dump-command.ts';
import { checksumWrong, eventUnreadable } from './errors.ts';
import { EventDecoder } from './events/event-decoder.ts';
import { EVENT, FLAG_ARTIFICIAL, HEADER_BYTES } from './events/event-types.ts';
import type { BinlogEvent, EventBase } from './events/event.ts';
import { PayloadEvents, unpackedPieces } from './events/payload-events.ts';
import { decodePayload } from './events/payload.ts';
import type { GtidSet } from './gtid/gtid-set.ts';

export type BinlogStart =
  | { readonly kind: 'file'; readonly file: string; readonly position: number }
  | { readonly kind: 'gtid'; readonly gtids: GtidSet };

export interface BinlogReaderOptions {
  /** Logged in and idle; the reader's from now on. Made by mysql2's `createConnection`, not its promise form. */
  readonly connection: Connection;
  readonly flavour: 'mysql' | 'mariadb';
  /** Makes an error of ours of what the driver or the server raised. */
  readonly classify: (error: unknown) => Error;
  /** Unique among the server's replicas. */
  readonly serverId: number;
  readonly start: BinlogStart;
  /** How often an idle server tells that it is there; half of `silenceMaxMs` or less. */
  readonly heartbeatMs: number;
  /** A server that is silent for so long while we listen is gone. */
  readonly silenceMaxMs: number;
  /** Events received and not yet read; beyond, the server is made to wait. */
  readonly bufferBytesMax: number;
  /** Of a compressed transaction, where it can only be unpacked as a whole. */
  readonly unpackedBytesMax: number;
  /** Whether MariaDB shall send the statements of row changes too; MySQL does, when it writes them. */
  readonly sendsStatements?: boolean;
  readonly clock: Clock;
}

/** Registers as a replica and asks for the binlog. @throws MillraceError; the connection is closed then */
export async function openBinlog(options: BinlogReaderOptions): Promise<BinlogReader> {
  const { connection, flavour, serverId, start } = options;
  // What goes wrong from now on is told by the commands.
  connection.on('error', () => undefined);
  try {
    for (const statement of preparation(flavour, start, options.heartbeatMs))
      await query(connection, statement);
    await register(coreOf(connection), serverId);
    return new BinlogReader(options);
  } catch (error) {
    connection.destroy();
    throw options.classify(error);
  }
}

function preparation(
  flavour: 'mysql' | 'mariadb',
  start: BinlogStart,
  heartbeatMs: number,
): readonly string[] {
  const nanos = BigInt(Math.round(heartbeatMs)) * 1_000_000n;
  const common = [
    // MariaDB sends checksums of files even to those who ask for none.
    "SET @master_binlog_checksum = 'CRC32', @source_binlog_checksum = 'CRC32'",
    `SET @master_heartbeat_period = ${nanos}, @source_heartbeat_period = ${nanos}`,
  ];
  if (flavour === 'mysql') return common;
  return [
    ...common,
    'SET @mariadb_slave_capability = 4', // GTIDs in place of dummy events
    ...(start.kind === 'gtid'
      ? [
          `SET @slave_connect_state = '${start.gtids.toString()}'`,
          'SET @slave_gtid_strict_mode = 0',
          'SET @slave_gtid_ignore_duplicates = 0',
        ]
      : []),
  ];
}

function query(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}

function register(connection: CoreConnection, serverId: number): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.addCommand(
      new RegisterCommand(serverId, (error) => {
        if (error === null) resolve();
        else reject(error);
      }),
    );
  });
}

/** Three of each frame: where it stands. */
interface Frame {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

const TWO_32 = 0x1_0000_0000;
/** Why a wait is broken off: a reason of its own would be made, with its stack, for each. */
const OVER = new Error('the wait is over');

/**
 * From the connection's packets to events. Pulled by `read`: what was received waits as bytes, up to a bound, then the
 * socket waits. Fails or goes on, never retries.
 */
export class BinlogReader implements AsyncDisposable {
  readonly #options: BinlogReaderOptions;
  readonly #core: CoreConnection;
  readonly #decoder: EventDecoder;
  #frames: Frame[] = [];
  /** Of `#frames`, those that were read. */
  #readCount = 0;
  #frameBytes = 0;
  /** A compressed transaction that is not done. */
  #payload: PayloadEvents | null = null;
  #payloadBase: EventBase | null = null;
  #isPaused = false;
  #arrival: Deferred | undefined;
  #failure: unknown;
  #hasFailed = false;
  #silentMs = 0;
  #file: string;
  #position: number;

  constructor(options: BinlogReaderOptions) {
    this.#options = options;
    this.#file = options.start.kind === 'file' ? options.start.file : '';
    this.#position = options.start.kind === 'file' ? options.start.position : 0;
    this.#decoder = new EventDecoder(options.flavour);
    this.#core = coreOf(options.connection);
    const sink: DumpSink = {
      event: (buffer, start, end) => this.#receive(buffer, start, end),
      failed: (error) => this.#fail(error ?? serverEnded()),
    };
    this.#core.addCommand(
      new DumpCommand(options.serverId, options.start, options.sendsStatements ?? false, sink),
    );
  }

  /** Behind the last event that `read` gave. */
  get file(): string {
    return this.#file;
  }

  get position(): number {
    return this.#position;
  }

  /**
   * The events that came, about `bytesMax` of them at most; waits for the first, and gives none when `waitMs` passed.
   * The bytes of rows are the receiver's for good: they are not written over. What came before a failure is given
   * before it.
   * @throws MillraceError, and for ever after
   */
  async read(
    limits: { readonly bytesMax: number; readonly waitMs: number },
    signal: AbortSignal,
  ): Promise<readonly BinlogEvent[]> {
    const { clock } = this.#options;
    const deadlineMs = clock.monotonicMs() + limits.waitMs;
    for (;;) {
      const events = await this.#decodeFrames(limits.bytesMax);
      if (events.length > 0) return events;
      if (this.#payload !== null) continue;
      if (this.#hasFailed) throw this.#options.classify(this.#failure);
      const leftMs = deadlineMs - clock.monotonicMs();
      if (leftMs <= 0) return [];
      await this.#listen(leftMs, signal);
    }
  }

  close(): Promise<void> {
    this.#fail(serverEnded());
    this.#frames = [];
    this.#options.connection.destroy();
    const payload = this.#payload;
    this.#payload = null;
    return payload === null ? Promise.resolve() : payload.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(buffer: Buffer, start: number, end: number): void {
    this.#frames.push({ buffer, start, end });
    this.#frameBytes += end - start;
    if (this.#frameBytes > this.#options.bufferBytesMax && !this.#isPaused) {
      this.#isPaused = true;
      this.#core.stream.pause();
    }
    this.#arrival?.resolve();
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failure = error;
    this.#arrival?.resolve();
  }

  /** Only time spent listening counts as silence, not that under back-pressure. */
  async #listen(waitMs: number, signal: AbortSignal): Promise<void> {
    const { clock, silenceMaxMs } = this.#options;
    signal.throwIfAborted();
    const startedMs = clock.monotonicMs();
    const arrival = deferred();
    this.#arrival = arrival;
    const alarm = new AbortController();
    const onAbort = (): void => alarm.abort(OVER);
    signal.addEventListener('abort', onAbort, { once: true });
    const soonMs = Math.min(waitMs, silenceMaxMs - this.#silentMs + 1);
    const timer = clock.sleep(soonMs, alarm.signal).catch(() => undefined);
    try {
      await Promise.race([arrival.promise, timer]);
    } finally {
      alarm.abort(OVER);
      signal.removeEventListener('abort', onAbort);
      this.#arrival = undefined;
    }
    if (isAborted(signal)) throw signal.reason;
    if (this.#frames.length > this.#readCount || this.#payload !== null || this.#hasFailed) {
      this.#silentMs = 0;
      return;
    }
    this.#silentMs += clock.monotonicMs() - startedMs;
    if (this.#silentMs > silenceMaxMs) {
      this.#fail(Object.assign(new Error('the server is silent'), { code: 'ETIMEDOUT' }));
      this.#options.connection.destroy();
    }
  }

  async #decodeFrames(bytesMax: number): Promise<readonly BinlogEvent[]> {
    const events: BinlogEvent[] = [];
    let bytes = 0;
    for (;;) {
      if (this.#payload !== null) bytes += await this.#readPayload(events, bytesMax - bytes);
      if (this.#readCount >= this.#frames.length || bytes >= bytesMax) break;
      const frame = this.#frames[this.#readCount++];
      if (frame === undefined) break;
      bytes += frame.end - frame.start;
      this.#frameBytes -= frame.end - frame.start;
      try {
        this.#decodeFrame(frame, events);
      } catch (error) {
        // What was decoded before is given first.
        this.#fail(error);
        this.#frames = [];
        this.#readCount = 0;
        break;
      }
    }
    if (this.#readCount === this.#frames.length) {
      this.#frames = [];
      this.#readCount = 0;
    }
    if (this.#isPaused && this.#frameBytes <= this.#options.bufferBytesMax / 2) {
      this.#isPaused = false;
      this.#core.stream.resume();
    }
    return events;
  }

  #decodeFrame({ buffer, start, end }: Frame, events: BinlogEvent[]): void {
    const base = this.#baseOf(buffer, start, end);
    if (!this.#decoder.isWhole(buffer, start, end)) throw checksumWrong(base.file, base.position);
    try {
      if (base.type === EVENT.transactionPayload) {
        this.#beginPayload(buffer, start, end, base);
        return;
      }
      const event = this.#decoder.decode(buffer, start, end, base);
      if (event.kind === 'rotate') {
        this.#file = event.nextFile;
        this.#position = event.firstPosition;
      }
      events.push(event);
    } catch (error) {
      throw unreadable(base, error);
    }
  }

  /** Header and place. Positions have 32 bits and files may be longer; MariaDB leaves some out. */
  #baseOf(buffer: Buffer, start: number, end: number): EventBase {
    const size = end - start;
    if (size < HEADER_BYTES) throw eventUnreadable(this.#place, new RangeError('no header'));
    const type = buffer.readUInt8(start + 4);
    const flags = buffer.readUInt16LE(start + 17);
    const told = buffer.readUInt32LE(start + 13);
    const isArtificial =
      (flags & FLAG_ARTIFICIAL) !== 0 ||
      type === EVENT.heartbeat ||
      type === EVENT.heartbeatV2 ||
      ((type === EVENT.format || type === EVENT.rotate) && told === 0);
    const position = this.#position;
    let nextPosition = position;
    if (!isArtificial) {
      nextPosition = position + size;
      if (told !== 0 && nextPosition % TWO_32 !== told) nextPosition = told;
      this.#position = nextPosition;
    }
    return {
      type,
      timestamp: buffer.readUInt32LE(start),
      serverId: buffer.readUInt32LE(start + 5),
      flags,
      isArtificial,
      file: this.#file,
      position: isArtificial ? position : nextPosition - size,
      nextPosition,
    };
  }

  get #place(): string {
    return `${this.#file}:${this.#position}`;
  }

  #beginPayload(buffer: Buffer, start: number, end: number, outer: EventBase): void {
    const stop = end - this.#decoder.checksumBytes;
    const payload = decodePayload(buffer, start + HEADER_BYTES, stop);
    const pieces = unpackedPieces(payload, this.#options.unpackedBytesMax);
    this.#payload = new PayloadEvents(pieces, this.#decoder, outer);
    this.#payloadBase = outer;
  }

  /** The next events of the compressed transaction; how many bytes they were. */
  async #readPayload(events: BinlogEvent[], bytesMax: number): Promise<number> {
    const payload = this.#payload;
    const outer = this.#payloadBase;
    if (payload === null || outer === null) return 0;
    try {
      const bytes = await payload.read(events, bytesMax);
      if (payload.isDone || bytes === 0) this.#payload = null;
      return bytes;
    } catch (error) {
      this.#payload = null;
      this.#fail(error instanceof MillraceError ? error : unreadable(outer, error));
      this.#frames = [];
      this.#readCount = 0;
      return 0;
    }
  }
}

function unreadable(base: EventBase, error: unknown): Error {
  return eventUnreadable(`${base.file}:${base.position} (type ${base.type})`, error);
}

function serverEnded(): Error {
  return Object.assign(new Error('the connection was closed'), {
    code: 'PROTOCOL_CONNECTION_LOST',
  });
}
