import { createServer, type Server, type Socket } from 'node:net';
import { assert, isAborted, type Clock, type Logger } from '@millrace/foundation';
import { listenFailed } from '../errors.ts';
import type { Listener } from '../settings.ts';
import type { ByteBudget } from './byte-budget.ts';
import { ClientConnection } from './client-connection.ts';
import type { RequestRouter } from './request-router.ts';

/** How often idle connections are looked for. */
const IDLE_CHECK_MS_MAX = 30_000;

export interface NetworkServerOptions {
  readonly listeners: readonly Listener[];
  readonly router: RequestRouter;
  readonly requestBudget: ByteBudget;
  readonly requestBytesMax: number;
  readonly connectionBytesMax: number;
  readonly connectionsMax: number;
  /** Negative: never. */
  readonly idleMsMax: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRefused: () => void;
}

/** Accepts clients, bounds how many there are, and lets idle ones go. */
export class NetworkServer {
  readonly #options: NetworkServerOptions;
  readonly #servers: Server[] = [];
  readonly #addresses: Listener[] = [];
  readonly #connections = new Set<ClientConnection>();
  readonly #stop = new AbortController();
  #onEmpty: (() => void) | undefined;

  private constructor(options: NetworkServerOptions) {
    this.#options = options;
  }

  static async listen(options: NetworkServerOptions): Promise<NetworkServer> {
    const network = new NetworkServer(options);
    try {
      for (const [index, listener] of options.listeners.entries()) {
        await network.#listen(listener, index);
      }
    } catch (error) {
      await network.close(0);
      throw error;
    }
    void network.#closeIdle();
    return network;
  }

  /** Where it really listens, in the order of the listeners. */
  get addresses(): readonly Listener[] {
    return this.#addresses;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  async #listen(listener: Listener, listenerIndex: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accept(socket, listenerIndex);
    });
    const { host, port } = listener;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenFailed(host, port, error)));
      server.listen({ port, ...(host === '' ? {} : { host }) }, () => resolve());
    });
    server.removeAllListeners('error');
    server.on('error', (error) => {
      this.#options.log.error(
        { err: error, host, port },
        'a listener failed; it takes no new clients',
      );
    });
    const address = server.address();
    assert(typeof address === 'object' && address !== null, 'a TCP server has an address');
    this.#servers.push(server);
    this.#addresses.push({ host, port: address.port });
  }

  #accept(socket: Socket, listenerIndex: number): void {
    // INV-6: bounded by max.connections.
    if (this.#connections.size >= this.#options.connectionsMax || isAborted(this.#stop.signal)) {
      this.#options.onRefused();
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const gone = new AbortController();
    const { router, requestBudget, requestBytesMax, connectionBytesMax, clock, log } =
      this.#options;
    const connection: ClientConnection = new ClientConnection({
      socket,
      router,
      requestBudget,
      requestBytesMax,
      connectionBytesMax,
      clock,
      log,
      context: {
        clientHost: `/${plainAddress(socket.remoteAddress)}`,
        localHost: plainAddress(socket.localAddress),
        listenerIndex,
        signal: gone.signal,
      },
      onClosed: () => {
        gone.abort();
        this.#connections.delete(connection);
        if (this.#connections.size === 0) this.#onEmpty?.();
      },
    });
    this.#connections.add(connection);
  }

  async #closeIdle(): Promise<void> {
    const { idleMsMax, clock } = this.#options;
    if (idleMsMax < 0) return;
    const { signal } = this.#stop;
    while (!isAborted(signal)) {
      await clock
        .sleep(Math.max(1, Math.min(idleMsMax / 2, IDLE_CHECK_MS_MAX)), signal)
        .catch(() => undefined); // stopped
      const nowMs = clock.monotonicMs();
      for (const connection of this.#connections) {
        if (connection.idleMs(nowMs) >= idleMsMax) connection.destroy();
      }
    }
  }

  /** Takes nothing new, answers what is in flight for at most so long, and closes every connection. */
  async close(drainMsMax: number): Promise<void> {
    if (isAborted(this.#stop.signal)) return;
    this.#stop.abort();
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const connection of this.#connections) connection.drain();
    await this.#waitUntilEmpty(drainMsMax);
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(closed);
  }

  async #waitUntilEmpty(waitMsMax: number): Promise<void> {
    if (this.#connections.size === 0) return;
    const done = new AbortController();
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      }),
      this.#options.clock.sleep(waitMsMax, done.signal).catch(() => undefined), // all went earlier
    ]);
    done.abort();
  }
}

/** An IPv4 address that came in by an IPv6 socket is shown as what it is. */
function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}
