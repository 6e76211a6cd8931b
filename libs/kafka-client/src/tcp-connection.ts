import type { Socket } from 'node:net';
import {
  apis,
  decodeResponseHeader,
  encodeRequestChunks,
  Reader,
  type Api,
} from '@millrace/kafka-protocol';
import type { Clock } from '@millrace/foundation';
import {
  answerOutOfOrder,
  clientClosed,
  connectionLost,
  frameTooLarge,
  requestTimedOut,
} from './errors.ts';
import { FrameReader } from './frame-reader.ts';
import { RequestWatch } from './request-watch.ts';
import type { BrokerAddress, Connection, RequestOptions, VersionRange } from './transport.ts';

const UNSUPPORTED_VERSION = 35;

export interface TcpConnectionOptions {
  readonly address: BrokerAddress;
  readonly clientId: string;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
  readonly frameBytesMax: number;
  readonly inFlightMax: number;
}

interface InFlight {
  readonly correlationId: number;
  answered(reader: Reader, frame: Uint8Array): void;
  failed(error: unknown): void;
  readonly head: { readonly key: number; readonly flexibleFrom: number };
  readonly version: number;
}

/** Requests are written in order and pipelined; the n-th answer belongs to the n-th request. */
export class TcpConnection implements Connection {
  readonly #socket: Socket;
  readonly #options: TcpConnectionOptions;
  readonly #watch: RequestWatch;
  readonly #closed = new AbortController();
  /** Sent and not yet answered, oldest first. */
  readonly #inFlight: InFlight[] = [];
  /** Held back by `inFlightMax`, or while authenticating anew. */
  readonly #held: (() => void)[] = [];
  #isHolding = false;
  #isCorked = false;
  #correlationId = 0;
  #versions: ReadonlyMap<number, VersionRange> = new Map();

  constructor(socket: Socket, options: TcpConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#watch = new RequestWatch(options.clock);
    const frames = new FrameReader(options.frameBytesMax, (frame) => this.#answer(frame));
    socket.on('data', (chunk: Buffer) => {
      const problem = frames.push(chunk);
      if (problem === undefined) return;
      this.#die(frameTooLarge(options.address, problem.announcedBytes, options.frameBytesMax));
    });
    socket.on('error', (error) => this.#die(error));
    socket.on('close', () => this.#die(undefined));
  }

  readonly isDoneWithRequests = true;

  get versions(): ReadonlyMap<number, VersionRange> {
    return this.#versions;
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Once, by the one who negotiated. */
  setVersions(versions: ReadonlyMap<number, VersionRange>): void {
    this.#versions = versions;
  }

  /** While true, requests wait unless sent with `sendAhead`. */
  hold(isHolding: boolean): void {
    this.#isHolding = isHolding;
    this.#release();
  }

  async send<Req, Res>(
    api: Api<Req, Res>,
    version: number,
    request: Req,
    options?: RequestOptions,
  ): Promise<Res> {
    const timeoutMs = options?.timeoutMs ?? this.#options.requestTimeoutMs;
    const answer = this.#mustWait()
      ? this.#enqueue(() => this.#transmit(api, version, request))
      : this.#transmit(api, version, request);
    return await this.#guard(answer, api.name, timeoutMs);
  }

  /** Past those that wait: for the handshake and for authenticating anew. */
  async sendAhead<Req, Res>(api: Api<Req, Res>, version: number, request: Req): Promise<Res> {
    return await this.#guard(
      this.#transmit(api, version, request),
      api.name,
      this.#options.requestTimeoutMs,
    );
  }

  sendOneWay<Req, Res>(api: Api<Req, Res>, version: number, request: Req): void {
    if (this.#closed.signal.aborted) return;
    if (this.#mustWait()) this.#held.push(() => this.sendOneWay(api, version, request));
    else this.#write(encodeRequestChunks(api, version, this.#nextId(), this.#clientId(), request));
  }

  close(): Promise<void> {
    this.#die(clientClosed('connection'));
    return Promise.resolve();
  }

  /** Who finds others waiting queues behind them: requests leave in the order of the calls. */
  #mustWait(): boolean {
    return (
      this.#isHolding || this.#held.length > 0 || this.#inFlight.length >= this.#options.inFlightMax
    );
  }

  #enqueue<Res>(transmit: () => Promise<Res>): Promise<Res> {
    return new Promise<Res>((resolve, reject) => {
      this.#held.push(() => void transmit().then(resolve, reject));
    });
  }

  #release(): void {
    while (!this.#isHolding && this.#inFlight.length < this.#options.inFlightMax) {
      const send = this.#held.shift();
      if (send === undefined) return;
      send();
    }
  }

  async #guard<Res>(answer: Promise<Res>, api: string, timeoutMs: number): Promise<Res> {
    const error = (): Error => requestTimedOut(api, this.#options.address, timeoutMs);
    return await this.#watch.guard(answer, timeoutMs, error, () => this.#die(error()));
  }

  #transmit<Req, Res>(api: Api<Req, Res>, version: number, request: Req): Promise<Res> {
    if (this.#closed.signal.aborted) return Promise.reject(this.#lost());
    return new Promise<Res>((resolve, reject) => {
      const correlationId = this.#nextId();
      // Encoding may refuse the request; then nothing was sent and nobody waits.
      const chunks = encodeRequestChunks(api, version, correlationId, this.#clientId(), request);
      this.#inFlight.push({
        correlationId,
        head: api,
        version,
        answered: (reader, frame) => resolve(decodeAnswer(api, version, reader, frame)),
        failed: reject,
      });
      this.#write(chunks);
    });
  }

  /** One system call for all that is sent in one turn of the loop. */
  #write(chunks: readonly Uint8Array[]): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      queueMicrotask(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    for (const chunk of chunks) this.#socket.write(chunk);
  }

  #answer(frame: Uint8Array): void {
    if (this.#closed.signal.aborted) return;
    const oldest = this.#inFlight.shift();
    if (oldest === undefined) {
      this.#die(answerOutOfOrder(this.#options.address));
      return;
    }
    try {
      const reader = new Reader(frame);
      const { correlationId } = decodeResponseHeader(reader, oldest.head, oldest.version);
      if (correlationId !== oldest.correlationId) throw answerOutOfOrder(this.#options.address);
      oldest.answered(reader, frame);
    } catch (error) {
      // What can't be read leaves us without knowing where the next answer begins to be right.
      oldest.failed(error);
      this.#die(error);
      return;
    }
    this.#release();
  }

  #die(cause: unknown): void {
    if (this.#closed.signal.aborted) return;
    const error = connectionLost(this.#options.address, cause);
    this.#closed.abort(error);
    this.#socket.destroy();
    for (const one of this.#inFlight.splice(0)) one.failed(error);
    for (const send of this.#held.splice(0)) send(); // each finds the connection closed
  }

  #lost(): Error {
    const reason: unknown = this.#closed.signal.reason;
    return reason instanceof Error ? reason : connectionLost(this.#options.address, reason);
  }

  #nextId(): number {
    this.#correlationId = (this.#correlationId + 1) & 0x7fffffff;
    return this.#correlationId;
  }

  #clientId(): string {
    return this.#options.clientId;
  }
}

/** A refusal that names no versions. */
const BARE_REFUSAL = new Uint8Array([0, UNSUPPORTED_VERSION, 0, 0, 0, 0]);

/** A broker that doesn't know our version of ApiVersions refuses it in the form of version 0. */
function decodeAnswer<Res>(
  api: Api<unknown, Res, never, never>,
  version: number,
  reader: Reader,
  frame: Uint8Array,
): Res {
  // The error code follows the correlation id, as ApiVersions always has response header 0.
  const isRefusal =
    api.key === apis.apiVersions.key &&
    ((frame[4] ?? 0) << 8) + (frame[5] ?? 0) === UNSUPPORTED_VERSION;
  if (!isRefusal) return api.decodeResponse(reader, version);
  try {
    return api.decodeResponse(reader, 0);
  } catch {
    // librdkafka's mock cluster mixes the forms; that it refuses is clear all the same.
    return api.decodeResponse(new Reader(BARE_REFUSAL), 0);
  }
}
