import type { Socket } from 'node:net';
import { describeError, type Clock, type Logger } from '@millrace/foundation';
import type { ByteBudget } from './byte-budget.ts';
import { FRAME_BYTES_MIN, FrameSplitter, type Frame } from './frame-splitter.ts';
import type { RequestBlock, RequestMemory } from './request-memory.ts';
import type { Answer, ConnectionContext, RequestRouter } from './request-router.ts';
import type { ReadSocket } from './shared-reads.ts';

/** Unsent bytes of answers at which no further request of the connection is begun. */
const UNSENT_BYTES_MAX = 1024 * 1024;
/** What a request costs beside its bytes, so that many tiny ones are bounded too. */
const REQUEST_OVERHEAD_BYTES = 256;
/** Answers below this size are copied together, which is cheaper than another entry in a writev. */
const COPIED_BYTES_MAX = 4096;

export interface ConnectionOptions {
  readonly socket: ReadSocket;
  readonly memory: RequestMemory;
  readonly router: RequestRouter;
  readonly context: ConnectionContext;
  readonly requestBudget: ByteBudget;
  readonly requestBytesMax: number;
  readonly connectionBytesMax: number;
  readonly deadlines: ConnectionDeadlines;
  /** Largest request before authentication. */
  readonly authenticationBytesMax: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onClosed: () => void;
}

/** After how long which kind of silence ends a connection (INV-6). */
export interface ConnectionDeadlines {
  /** Nothing in flight; negative for never. */
  readonly idleMs: number;
  /** From the connection to the end of the authentication. */
  readonly authenticationMs: number;
  /** A request that has begun and makes no progress worth the name. */
  readonly receiveMs: number;
  /** An answer of which the client takes nothing. */
  readonly sendMs: number;
}

/** What has to come of a large request within `receiveMs` so that it counts as progress. */
const PROGRESS_BYTES = 64 * 1024;

interface Slot {
  readonly bytes: number;
  /** What is released once the request is answered; undefined where its bytes may be kept. */
  readonly block: RequestBlock | undefined;
  answer: Answer | undefined;
  isDone: boolean;
}

/**
 * One client. Requests are begun in order and answered in order. Produce requests run beside one
 * another, so that they share a group commit; everything else runs alone, as in Kafka. Reading stops
 * while too much is in flight, while its reader is slow, or while the broker's memory is used up.
 */
export class ClientConnection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #frames: FrameSplitter;
  readonly #slots: Slot[] = [];
  #inFlightBytes = 0;
  #isExclusive = false;
  #isEnded = false;
  #isDraining = false;
  #isFlushDue = false;
  /** Who is to be told when answers have left, or never will. */
  readonly #unsent = new Set<() => void>();
  #lastActiveMs: number;
  readonly #openedAtMs: number;
  #isLastSent = false;
  #mutes = 0;
  #isPaused = false;
  /** Where the unfinished request stood when it last made progress. */
  #progress = { bytes: 0, atMs: 0, request: 0 };
  #requestCount = 0;
  readonly #wake = (): void => {
    this.#pump();
  };

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = options.socket.socket;
    this.#openedAtMs = options.clock.monotonicMs();
    this.#lastActiveMs = this.#openedAtMs;
    this.#frames = new FrameSplitter({
      frameBytesMax: options.requestBytesMax,
      reserve: (bytes) => this.#reserve(bytes),
      memory: options.memory,
      isReleased: (apiKey) => options.router.isReleased(apiKey),
    });
    this.#boundFrames();
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(options.deadlines.sendMs, () => {
      // Node counts bytes that leave as life, so that a slow reader is no dead one.
      if (this.#socket.writableLength > 0)
        this.#refuse(
          { unsentBytes: this.#socket.writableLength },
          'closing a client that reads nothing',
        );
    });
    options.socket.onBytes((chunk) => {
      if (this.#isDraining) return; // Nothing more is begun; what is awaited is the end of the client.
      this.#lastActiveMs = options.clock.monotonicMs();
      this.#frames.push(chunk);
      this.#pump();
      this.#frames.keepRest();
    });
    this.#socket.on('drain', this.#wake);
    this.#socket.on('end', () => {
      this.#isEnded = true;
      this.#endIfDone();
    });
    // A reset by the peer is everyday; 'close' follows and does what is to be done.
    this.#socket.on('error', (error) => {
      options.log.debug({ error: error.message }, 'client connection failed');
    });
    this.#socket.on('close', () => this.#onClose());
    this.#socket.resume();
  }

  /** Closes the connection if it has used up one of its deadlines. Called from time to time. */
  enforceDeadlines(nowMs: number): void {
    const { idleMs, authenticationMs, receiveMs } = this.#options.deadlines;
    if (this.#socket.destroyed) return;
    if (
      !this.#options.context.session.isAuthenticated &&
      !this.#options.context.session.wasAuthenticated &&
      nowMs - this.#openedAtMs >= authenticationMs
    ) {
      this.#refuse({ afterMs: authenticationMs }, 'closing a client that has not authenticated');
    } else if (nowMs - this.#progressAtMs(nowMs) >= receiveMs) {
      this.#refuse({ afterMs: receiveMs }, 'closing a client that does not finish its request');
    } else if (idleMs >= 0 && this.#slots.length === 0 && nowMs - this.#lastActiveMs >= idleMs) {
      this.destroy();
    }
  }

  /** When the request that is coming in last made progress; now if none is, or if it is us who do not read. */
  #progressAtMs(nowMs: number): number {
    const bytes = this.#frames.partialBytes;
    const before = this.#progress;
    const isSame = before.request === this.#requestCount;
    if (bytes === 0 || this.#isPaused || !isSame || bytes >= before.bytes + PROGRESS_BYTES)
      this.#progress = { bytes, atMs: nowMs, request: this.#requestCount };
    return this.#progress.atMs;
  }

  /** Before authentication requests are short; after a handshake of version 0 they are bare tokens. */
  #boundFrames(): void {
    const { context, authenticationBytesMax, requestBytesMax } = this.#options;
    const { session } = context;
    if (session.sasl === undefined) return;
    this.#frames.setBounds({
      bytesMin: session.sasl.expectsRawTokens ? 1 : FRAME_BYTES_MIN,
      bytesMax: session.isAuthenticated
        ? requestBytesMax
        : Math.min(authenticationBytesMax, requestBytesMax),
    });
  }

  /** Begins nothing more; ends once everything begun is answered. */
  drain(): void {
    this.#isDraining = true;
    this.#endIfDone();
    // A socket that does not read does not hear that the client has closed, too.
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #reserve(bytes: number): boolean {
    if (this.#options.requestBudget.tryTake(bytes)) return true;
    this.#options.requestBudget.onRoom(this.#wake);
    return false;
  }

  #pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  #pump(): void {
    while (!this.#socket.destroyed && !this.#isDraining) {
      if (!this.#mayBegin()) {
        this.#pause();
        return;
      }
      const next = this.#frames.peek();
      if (next.kind === 'need-bytes') {
        this.#isPaused = false;
        this.#socket.resume();
        this.#endIfDone();
        return;
      }
      if (next.kind === 'need-room') {
        this.#pause();
        return;
      }
      if (next.kind === 'bad-size') {
        this.#refuse({ frameBytes: next.size }, 'closing a client that sent a frame of a bad size');
        return;
      }
      if (!this.#mayRunBeside(next.frame)) {
        this.#pause();
        return;
      }
      this.#frames.take();
      this.#begin(next.frame);
    }
  }

  /** INV-6: what is in flight and what a slow reader leaves unsent is bounded. */
  #mayBegin(): boolean {
    return (
      !this.#isExclusive &&
      this.#mutes === 0 &&
      !this.#isLastSent &&
      this.#socket.writableLength < UNSENT_BYTES_MAX &&
      this.#inFlightBytes < this.#options.connectionBytesMax
    );
  }

  #mayRunBeside(frame: Frame): boolean {
    return this.#slots.length === 0 || this.#isConcurrent(frame);
  }

  #isConcurrent(frame: Frame): boolean {
    const { router, context } = this.#options;
    return router.isConcurrent(frame, context);
  }

  #begin(frame: Frame): void {
    const bytes = frame.end - frame.start + REQUEST_OVERHEAD_BYTES;
    this.#isExclusive = !this.#isConcurrent(frame);
    const block = this.#isExclusive ? undefined : frame.block;
    const slot: Slot = { bytes, block, answer: undefined, isDone: false };
    this.#slots.push(slot);
    this.#inFlightBytes += bytes;
    this.#options.requestBudget.take(REQUEST_OVERHEAD_BYTES);
    this.#requestCount += 1;
    let answer: Answer | Promise<Answer>;
    try {
      answer = this.#options.router.route(frame, this.#options.context);
    } catch (error) {
      this.#refuse({ error: describeError(error) }, 'closing a client that sent a bad request');
      return;
    }
    if (!(answer instanceof Promise)) {
      this.#settle(slot, answer);
      return;
    }
    answer.then(
      (settled) => this.#settle(slot, settled),
      (error: unknown) => {
        this.#options.log.error(
          { err: error, error: describeError(error) },
          'a request failed unexpectedly; its connection is closed',
        );
        this.#socket.destroy();
      },
    );
  }

  #settle(slot: Slot, answer: Answer): void {
    // Of a request that failed unexpectedly this is not known: its memory goes to the collector.
    this.#options.memory.release(slot.block);
    if (this.#socket.destroyed) {
      answer.onSent?.();
      return;
    }
    slot.answer = answer;
    slot.isDone = true;
    if (this.#isFlushDue) return;
    // Everything that is answered in this turn of the loop goes out in one write.
    this.#isFlushDue = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushDue = false;
    if (this.#socket.destroyed) return;
    const chunks: Uint8Array[] = [];
    const onSent: (() => void)[] = [];
    while (this.#slots[0]?.isDone === true) {
      const slot = this.#slots.shift();
      if (slot === undefined) break;
      this.#release(slot);
      for (const chunk of slot.answer?.chunks ?? []) chunks.push(chunk);
      if (slot.answer?.onSent !== undefined) onSent.push(slot.answer.onSent);
      if (slot.answer?.muteMs !== undefined) this.#mute(slot.answer.muteMs);
      if (slot.answer?.isLast === true) this.#isLastSent = true;
    }
    this.#boundFrames();
    if (this.#slots.length === 0) this.#isExclusive = false;
    this.#write(chunks, onSent);
    this.#pump();
    this.#endIfDone();
  }

  /** Quotas (KIP-219): the answer leaves at once, and the next request is looked at only afterwards. */
  #mute(muteMs: number): void {
    if (muteMs <= 0) return;
    const { clock, context } = this.#options;
    this.#mutes += 1;
    const unmute = (): void => {
      this.#mutes -= 1;
      this.#pump();
    };
    clock.sleep(muteMs, context.signal).then(unmute, () => undefined); // the connection is gone
  }

  #release(slot: Slot): void {
    this.#inFlightBytes -= slot.bytes;
    this.#options.requestBudget.giveBack(slot.bytes);
  }

  #write(chunks: readonly Uint8Array[], onSent: readonly (() => void)[]): void {
    this.#lastActiveMs = this.#options.clock.monotonicMs();
    const tell = (): void => {
      this.#unsent.delete(tell);
      for (const callback of onSent) callback();
    };
    const merged = mergeSmall(chunks);
    const last = merged.pop();
    if (last === undefined) {
      tell();
      return;
    }
    this.#socket.cork();
    for (const chunk of merged) this.#socket.write(chunk);
    if (onSent.length === 0) {
      this.#socket.write(last);
    } else {
      this.#unsent.add(tell);
      this.#socket.write(last, () => {
        if (this.#unsent.has(tell)) tell();
      });
    }
    this.#socket.uncork();
  }

  #endIfDone(): void {
    if (this.#slots.length > 0 || this.#isFlushDue || this.#socket.destroyed) return;
    if (
      this.#isDraining ||
      this.#isLastSent ||
      (this.#isEnded && this.#frames.peek().kind === 'need-bytes')
    )
      this.#socket.end();
  }

  #refuse(fields: Readonly<Record<string, unknown>>, message: string): void {
    this.#options.log.warn({ client: this.#options.context.clientHost, ...fields }, message);
    this.#socket.destroy();
  }

  #onClose(): void {
    const { requestBudget } = this.#options;
    requestBudget.forget(this.#wake);
    const owned = this.#frames.abandon();
    if (owned > 0) requestBudget.giveBack(owned);
    for (const slot of this.#slots.splice(0)) {
      this.#release(slot);
      slot.answer?.onSent?.();
    }
    for (const tell of [...this.#unsent]) tell();
    this.#options.onClosed();
  }
}

/** Runs of small chunks become one. */
export function mergeSmall(chunks: readonly Uint8Array[]): Uint8Array[] {
  const merged: Uint8Array[] = [];
  let run: Uint8Array[] = [];
  const endRun = (): void => {
    const [first] = run;
    if (first !== undefined) merged.push(run.length === 1 ? first : Buffer.concat(run));
    run = [];
  };
  for (const chunk of chunks) {
    if (chunk.byteLength <= COPIED_BYTES_MAX) {
      run.push(chunk);
    } else {
      endRun();
      merged.push(chunk);
    }
  }
  endRun();
  return merged;
}
