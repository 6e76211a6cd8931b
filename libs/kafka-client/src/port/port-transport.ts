import type { MessagePort } from 'node:worker_threads';
import { errorFromData, must } from '@millrace/foundation';
import { Reader, Writer, type Api } from '@millrace/kafka-protocol';
import { clientClosed } from '../errors.ts';
import type {
  BrokerAddress,
  Connection,
  RequestOptions,
  Transport,
  VersionRange,
} from '../transport.ts';
import { ownedBytes, type PortAnswer, type PortRequest } from './port-messages.ts';

/**
 * The broker of another thread of this process, over a `MessagePort` that `serveTransport` answers. Requests are encoded
 * here and decoded there, so that nothing is shared between the threads.
 */
export class PortTransport implements Transport {
  readonly #port: MessagePort;
  readonly #connections = new Map<number, PortConnection>();
  #lastConnection = 0;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (answer: PortAnswer) => {
      this.#connections.get(answer.connection)?.take(answer);
    });
    port.on('close', () => {
      for (const connection of this.#connections.values()) connection.die(clientClosed('port'));
    });
  }

  connect(address: BrokerAddress, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    const id = ++this.#lastConnection;
    const connection = new PortConnection(this.#port, id, () => this.#connections.delete(id));
    this.#connections.set(id, connection);
    return connection.open(address, signal);
  }
}

interface Waiting {
  readonly answered: (body: Uint8Array) => void;
  readonly failed: (error: Error) => void;
}

class PortConnection implements Connection {
  readonly #port: MessagePort;
  readonly #id: number;
  readonly #forget: () => void;
  readonly #closed = new AbortController();
  /** Bounded by whoever sends: a client has few requests in flight (INV-6). */
  readonly #waiting = new Map<number, Waiting>();
  #opening: { resolve(): void; reject(error: Error): void } | undefined;
  #versions: ReadonlyMap<number, VersionRange> | undefined;
  #lastRequest = 0;
  readonly isDoneWithRequests = true;

  constructor(port: MessagePort, id: number, forget: () => void) {
    this.#port = port;
    this.#id = id;
    this.#forget = forget;
  }

  get versions(): ReadonlyMap<number, VersionRange> {
    return must(this.#versions, 'a connection is used after it was opened');
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  async open(address: BrokerAddress, signal: AbortSignal): Promise<Connection> {
    const onAbort = (): void => void this.close();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening = { resolve, reject };
        this.#post({ kind: 'connect', connection: this.#id, address });
      });
      return this;
    } catch (error) {
      this.#forget();
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#opening = undefined;
      signal.removeEventListener('abort', onAbort);
    }
  }

  send<Req, Res>(
    api: Api<Req, Res>,
    version: number,
    request: Req,
    { timeoutMs }: RequestOptions = {},
  ): Promise<Res> {
    return new Promise<Res>((resolve, reject) => {
      this.#closed.signal.throwIfAborted();
      const id = ++this.#lastRequest;
      this.#transmit(api, version, request, id, timeoutMs);
      this.#waiting.set(id, {
        answered: (body) => resolve(api.decodeResponse(new Reader(body), version)),
        failed: reject,
      });
    });
  }

  sendOneWay<Req, Res>(api: Api<Req, Res>, version: number, request: Req): void {
    if (!this.#closed.signal.aborted) this.#transmit(api, version, request, 0, undefined);
  }

  close(): Promise<void> {
    if (!this.#closed.signal.aborted) this.#post({ kind: 'close', connection: this.#id });
    this.die(clientClosed('connection'));
    return Promise.resolve();
  }

  take(answer: PortAnswer): void {
    switch (answer.kind) {
      case 'connected':
        this.#versions = answer.versions;
        this.#opening?.resolve();
        break;
      case 'refused':
      case 'closed':
        this.die(errorFromData(answer.error));
        break;
      case 'answered':
        this.#settle(answer.request, (waiting) => {
          try {
            waiting.answered(answer.body);
          } catch (error) {
            waiting.failed(error instanceof Error ? error : new Error(String(error)));
          }
        });
        break;
      case 'failed':
        this.#settle(answer.request, (waiting) => waiting.failed(errorFromData(answer.error)));
        break;
    }
  }

  die(reason: Error): void {
    this.#forget();
    this.#closed.abort(reason);
    this.#opening?.reject(reason);
    for (const { failed } of this.#waiting.values()) failed(reason);
    this.#waiting.clear();
  }

  #settle(request: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    if (waiting !== undefined) settle(waiting);
  }

  #transmit<Req, Res>(
    api: Api<Req, Res>,
    version: number,
    request: Req,
    id: number,
    timeoutMs: number | undefined,
  ): void {
    const writer = new Writer();
    api.encodeRequest(writer, request, version);
    const body = ownedBytes(writer.finish());
    this.#post(
      {
        kind: 'send',
        connection: this.#id,
        request: id,
        apiKey: api.key,
        version,
        body,
        timeoutMs,
      },
      [body.buffer],
    );
  }

  #post(message: PortRequest, transfer: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}
