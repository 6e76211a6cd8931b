import type { Clock } from '@millrace/foundation';
import { Session } from './connection.ts';
import { CopySocket } from './copy-socket.ts';
import { readInt32, readUint16 } from './decode/bytes.ts';
import type { FrameReader } from './decode/frame-reader.ts';
import type { Settings } from './settings.ts';

const FRAME_COPY_DATA = 0x64;
const FRAME_DATA_ROW = 0x44;
const FRAME_ERROR = 0x45;
const FRAME_READY = 0x5a;
const WAIT_MS = 60_000;
const CLOSE_TIMEOUT_MS = 2000;

/** Called for each row of a COPY. False: the rest is not wanted, and the session ends. */
export type OnCopyRow = (buffer: Buffer, start: number, end: number) => boolean;

/** A connection for statements and COPY in turns, whose rows are handed out as the bytes that came. */
export class CopySession implements AsyncDisposable {
  readonly socket: CopySocket;
  readonly #session: Session;

  private constructor(session: Session, socket: CopySocket) {
    this.#session = session;
    this.socket = socket;
  }

  /** With no limit on how long statements and transactions take: reading a table may. */
  static async open(
    settings: Settings,
    options: { readonly clock: Clock; readonly bytesMax: number },
    signal: AbortSignal,
  ): Promise<CopySession> {
    const session = await Session.open(settings, 'query', signal);
    try {
      await session.query('SET statement_timeout = 0');
      await session.query('SET idle_in_transaction_session_timeout = 0');
      return new CopySession(
        session,
        new CopySocket(session.client, { ...options, isPaced: false }),
      );
    } catch (error) {
      await session.close(options.clock);
      throw error;
    }
  }

  get isUsable(): boolean {
    return !this.socket.isClosed;
  }

  /** Runs statements of the simple protocol; the rows of all of them, as text. @throws MillraceError */
  async query(sql: string, signal: AbortSignal): Promise<readonly (readonly (string | null)[])[]> {
    const rows: (readonly (string | null)[])[] = [];
    await this.#run(sql, signal, (frames) => {
      if (frames.type === FRAME_DATA_ROW) rows.push(dataRow(frames.buffer, frames.start));
      return true;
    });
    return rows;
  }

  /** @throws MillraceError */
  async copy(sql: string, onRow: OnCopyRow, signal: AbortSignal): Promise<void> {
    await this.#run(sql, signal, (frames) =>
      frames.type === FRAME_COPY_DATA ? onRow(frames.buffer, frames.start, frames.end) : true,
    );
  }

  classify(error: unknown): Error {
    return this.#session.classify(error);
  }

  async close(timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> {
    await this.socket.close(timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #run(
    sql: string,
    signal: AbortSignal,
    onFrame: (frames: FrameReader) => boolean,
  ): Promise<void> {
    const { frames } = this.socket;
    let failure: unknown;
    try {
      this.socket.sendQuery(sql);
      for (;;) {
        while (frames.next()) {
          if (frames.type === FRAME_ERROR) failure ??= this.socket.serverError();
          else if (frames.type === FRAME_READY) {
            if (failure === undefined) return;
            throw this.#session.classify(failure);
          } else if (!onFrame(frames)) {
            await this.close();
            return;
          }
        }
        this.socket.makeRoom();
        await this.socket.waitForBytes(WAIT_MS, signal);
      }
    } catch (error) {
      signal.throwIfAborted();
      throw this.#session.classify(error);
    }
  }
}

function dataRow(buffer: Buffer, start: number): readonly (string | null)[] {
  const values: (string | null)[] = [];
  let position = start + 2;
  for (let left = readUint16(buffer, start); left > 0; left--) {
    const length = readInt32(buffer, position);
    position += 4;
    values.push(length < 0 ? null : buffer.toString('utf8', position, position + length));
    if (length > 0) position += length;
  }
  return values;
}
