import type { MessagePort } from 'node:worker_threads';
import { errorToData, isAborted, must } from '@millrace/foundation';
import { apiByKey, Reader, Writer } from '@millrace/kafka-protocol';
import type { Connection, Transport } from '../transport.ts';
import { ownedBytes, type PortAnswer, type PortRequest } from './port-messages.ts';

/**
 * Lets another thread use a transport of this one: the other end of a `PortTransport`. Ends with the port; then every
 * connection of that thread is closed, whatever became of the thread.
 */
export function serveTransport(port: MessagePort, transport: Transport): void {
  const server = new PortServer(port, transport);
  port.on('message', (message: PortRequest) => server.take(message));
  port.on('close', () => server.close());
}

class PortServer {
  readonly #port: MessagePort;
  readonly #transport: Transport;
  readonly #ended = new AbortController();
  readonly #connections = new Map<number, Promise<Connection>>();

  constructor(port: MessagePort, transport: Transport) {
    this.#port = port;
    this.#transport = transport;
  }

  take(message: PortRequest): void {
    switch (message.kind) {
      case 'connect':
        void this.#connect(message);
        break;
      case 'send':
        void this.#send(message);
        break;
      case 'close':
        void this.#closeOne(message.connection);
        break;
    }
  }

  close(): void {
    this.#ended.abort(new Error('the thread has ended'));
    for (const connection of this.#connections.keys()) void this.#closeOne(connection);
  }

  async #connect({
    connection,
    address,
  }: Extract<PortRequest, { kind: 'connect' }>): Promise<void> {
    const opening = this.#transport.connect(address, this.#ended.signal);
    this.#connections.set(connection, opening);
    try {
      const opened = await opening;
      const { versions, closed } = opened;
      if (isAborted(this.#ended.signal)) return;
      this.#tell({ kind: 'connected', connection, versions });
      const onClosed = (): void => {
        this.#connections.delete(connection);
        this.#tell({ kind: 'closed', connection, error: errorToData(closed.reason) });
      };
      if (isAborted(closed)) onClosed();
      else closed.addEventListener('abort', onClosed, { once: true });
    } catch (error) {
      this.#connections.delete(connection);
      this.#tell({ kind: 'refused', connection, error: errorToData(error) });
    }
  }

  async #send(message: Extract<PortRequest, { kind: 'send' }>): Promise<void> {
    const { connection, request, apiKey, version, body, timeoutMs } = message;
    try {
      const opened = await this.#connections.get(connection);
      if (opened === undefined) return; // Closed: the other side knows.
      const api = must(apiByKey(apiKey), 'both threads run the same code');
      const decoded = api.decodeRequest(new Reader(body), version);
      if (request === 0) {
        opened.sendOneWay(api, version, decoded);
        return;
      }
      const answer = await opened.send(api, version, decoded, {
        handsOver: true,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      });
      const writer = new Writer();
      api.encodeResponse(writer, answer, version);
      this.#tell({ kind: 'answered', connection, request, body: ownedBytes(writer.finish()) });
    } catch (error) {
      this.#tell({ kind: 'failed', connection, request, error: errorToData(error) });
    }
  }

  async #closeOne(connection: number): Promise<void> {
    const opening = this.#connections.get(connection);
    this.#connections.delete(connection);
    // Who could not be reached need not be closed.
    await opening?.then((opened) => opened.close()).catch(() => undefined);
  }

  #tell(answer: PortAnswer): void {
    if (isAborted(this.#ended.signal)) return;
    this.#port.postMessage(answer, answer.kind === 'answered' ? [transferable(answer.body)] : []);
  }
}

function transferable(body: Uint8Array): ArrayBuffer {
  return body.buffer as ArrayBuffer; // made by `ownedBytes`, never shared
}
