import { createServer, type Server, type Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import {
  assert,
  isAborted,
  type Clock,
  type Logger,
  type RecycledMemory,
} from '@millrace/foundation';
import { listenFailed } from '../errors.ts';
import type { ClientSession } from '../security/client-session.ts';
import type { ByteBudget } from './byte-budget.ts';
import { ClientConnection, type ConnectionDeadlines } from './client-connection.ts';
import type { ConnectionLimits, ListenerLimits } from './connection-limits.ts';
import type { Listener, ListenerSettings } from './listeners.ts';
import { RequestMemory } from './request-memory.ts';
import type { RequestRouter } from './request-router.ts';
import { readByEvents, SharedReads, type ReadSocket } from './shared-reads.ts';
import { TlsAcceptor } from './tls-acceptor.ts';

/** How often connections are looked through for those that have used up a deadline. */
const DEADLINE_CHECK_MS_MAX = 30_000;
/** Refused connections that are kept for a moment; more are closed at once. */
const REFUSED_WAITING_MAX = 1000;
const STOPPED = { kind: 'refused', delayMs: 0, reason: 'closing' } as const;

export interface NetworkServerOptions {
  readonly listeners: readonly ListenerSettings[];
  /** By listener name, for those with TLS. */
  readonly tls: ReadonlyMap<string, SecureContextOptions>;
  /** For a new connection; `subject` is the name in its certificate. Undefined refuses it. */
  readonly sessionFor: (
    listener: ListenerSettings,
    subject: string | undefined,
  ) => ClientSession | undefined;
  readonly router: RequestRouter;
  readonly requestBudget: ByteBudget;
  /** Where requests lie until they are answered. */
  readonly memory: RecycledMemory;
  readonly requestBytesMax: number;
  readonly connectionBytesMax: number;
  readonly limits: ConnectionLimits;
  /** Those of one listener, as they are now. */
  readonly listenerLimits: (name: string) => ListenerLimits;
  readonly deadlines: ConnectionDeadlines;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRefused: () => void;
  readonly onAuthenticationFailed: () => void;
}

/** A listener, and where it really listens. */
export interface ListenerEntry {
  readonly settings: ListenerSettings;
  /** What the contexts of its connections call it. */
  readonly index: number;
  readonly address: Listener;
}

interface OpenListener {
  readonly settings: ListenerSettings;
  /** Never another's, also when this one is closed. */
  readonly index: number;
  readonly server: Server;
  readonly tls: TlsAcceptor | undefined;
  readonly address: Listener;
}

/** Accepts clients, bounds how many there are, and lets those go that only take up room. */
export class NetworkServer {
  readonly #options: NetworkServerOptions;
  readonly #listeners = new Set<OpenListener>();
  #listenerCount = 0;
  /** With the index of the listener that they came by. */
  readonly #connections = new Map<ClientConnection, number>();
  /** In the middle of their TLS handshake, or counted until they are closed. */
  readonly #sockets = new Set<Socket>();
  readonly #stop = new AbortController();
  readonly #requestMemory: RequestMemory;
  readonly #reads = new SharedReads();
  /** Connections that are closed in a moment. */
  #refused = 0;
  #onEmpty: (() => void) | undefined;

  private constructor(options: NetworkServerOptions) {
    this.#options = options;
    this.#requestMemory = new RequestMemory(options.memory);
  }

  static async listen(options: NetworkServerOptions): Promise<NetworkServer> {
    const network = new NetworkServer(options);
    try {
      for (const listener of options.listeners)
        await network.add(listener, options.tls.get(listener.name));
    } catch (error) {
      await network.close(0);
      throw error;
    }
    void network.#enforceDeadlines();
    return network;
  }

  /** Where it really listens, in the order of the listeners. */
  get addresses(): readonly Listener[] {
    return [...this.#listeners].map(({ address }) => address);
  }

  /** Those that are open now. */
  get listeners(): readonly ListenerEntry[] {
    return [...this.#listeners];
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  /** New keys for the connections that come from now on. */
  updateTls(listener: string, material: SecureContextOptions): void {
    for (const { settings, tls } of this.#listeners)
      if (settings.name === listener) tls?.update(material);
  }

  /** Takes clients from now on. Throws `broker.listen_failed` when the address is taken. */
  async add(
    settings: ListenerSettings,
    material: SecureContextOptions | undefined,
  ): Promise<ListenerEntry> {
    const { host, port } = settings;
    const listenerIndex = this.#listenerCount;
    this.#listenerCount += 1;
    const tls =
      material === undefined ? undefined : this.#tlsFor(settings, listenerIndex, material);
    // A plain client may close its half and wait for answers. With TLS nobody would notice one that leaves in the
    // middle of the handshake, and its protocol has no half.
    const isPlain = tls === undefined;
    const server = createServer({ allowHalfOpen: isPlain, pauseOnConnect: isPlain }, (accepted) => {
      const read = isPlain ? this.#reads.adopt(accepted, true) : readByEvents(accepted);
      const { socket } = read;
      const delayMs = this.#admit(socket, settings);
      if (delayMs === undefined) return;
      const begin = (): void => {
        if (isPlain) this.#open(read, settings, listenerIndex, undefined);
        else tls.accept(socket);
      };
      if (delayMs === 0) begin();
      else this.#later(socket, delayMs, begin);
    });
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
    const bound = { host, port: address.port };
    const opened = { settings, index: listenerIndex, server, tls, address: bound };
    this.#listeners.add(opened);
    if (isAborted(this.#stop.signal)) this.remove(listenerIndex);
    return opened;
  }

  /** Takes no more clients by it; those who came by it get the answers that they wait for. */
  remove(index: number): void {
    for (const listener of this.#listeners) {
      if (listener.index !== index) continue;
      this.#listeners.delete(listener);
      listener.server.close();
    }
    for (const [connection, cameBy] of this.#connections) if (cameBy === index) connection.drain();
  }

  #tlsFor(
    settings: ListenerSettings,
    listenerIndex: number,
    material: SecureContextOptions,
  ): TlsAcceptor {
    return new TlsAcceptor({
      material,
      values: settings.values,
      handshakeMsMax: this.#options.deadlines.authenticationMs,
      onSecure: (socket) => {
        const subject = socket.getPeerX509Certificate()?.subject;
        this.#open(readByEvents(socket), settings, listenerIndex, subject);
      },
      onFailed: (remoteAddress, reason) => {
        this.#options.onAuthenticationFailed();
        this.#options.log.info(
          { client: plainAddress(remoteAddress), listener: settings.name, reason },
          'a TLS handshake failed',
        );
      },
    });
  }

  /** How long a new connection waits until it is looked at, or undefined when it is refused. */
  #admit(socket: Socket, { name }: ListenerSettings): number | undefined {
    // Before a request nobody is there to hear of an error; what becomes of it is told by 'close'.
    socket.on('error', () => undefined);
    const admission = isAborted(this.#stop.signal)
      ? STOPPED
      : this.#options.limits.admit(
          plainAddress(socket.remoteAddress),
          name,
          this.#options.listenerLimits(name),
        );
    if (admission.kind === 'refused') {
      this.#options.onRefused();
      // INV-6: those that are to wait for their refusal are bounded.
      if (admission.delayMs === 0 || this.#refused >= REFUSED_WAITING_MAX) socket.destroy();
      else this.#closeLater(socket, admission.delayMs);
      return undefined;
    }
    this.#sockets.add(socket);
    socket.on('close', () => {
      admission.leave();
      this.#sockets.delete(socket);
      if (this.#sockets.size === 0) this.#onEmpty?.();
    });
    return admission.delayMs;
  }

  #closeLater(socket: Socket, delayMs: number): void {
    this.#refused += 1;
    this.#later(socket, delayMs, () => socket.destroy());
    socket.on('close', () => {
      this.#refused -= 1;
    });
  }

  #later(socket: Socket, delayMs: number, run: () => void): void {
    this.#options.clock.sleep(delayMs, this.#stop.signal).then(
      () => {
        if (!socket.destroyed) run();
      },
      () => socket.destroy(), // closing
    );
  }

  #open(
    read: ReadSocket,
    settings: ListenerSettings,
    listenerIndex: number,
    subject: string | undefined,
  ): void {
    const { socket } = read;
    const session = this.#options.sessionFor(settings, subject);
    if (session === undefined) {
      this.#options.onAuthenticationFailed();
      socket.destroy();
      return;
    }
    const gone = new AbortController();
    const { router, requestBudget, requestBytesMax, connectionBytesMax, deadlines, clock, log } =
      this.#options;
    const connection: ClientConnection = new ClientConnection({
      socket: read,
      memory: this.#requestMemory,
      router,
      requestBudget,
      requestBytesMax,
      connectionBytesMax,
      authenticationBytesMax: settings.values['sasl.server.max.receive.size'],
      deadlines,
      clock,
      log,
      context: {
        clientHost: `/${plainAddress(socket.remoteAddress)}`,
        localHost: plainAddress(socket.localAddress),
        listenerIndex,
        session,
        signal: gone.signal,
      },
      onClosed: () => {
        gone.abort();
        this.#connections.delete(connection);
      },
    });
    this.#connections.set(connection, listenerIndex);
  }

  async #enforceDeadlines(): Promise<void> {
    const { deadlines, clock } = this.#options;
    const { idleMs, authenticationMs, receiveMs } = deadlines;
    const shortest = Math.min(authenticationMs, receiveMs, idleMs < 0 ? Infinity : idleMs);
    const everyMs = Math.max(1, Math.min(shortest / 2, DEADLINE_CHECK_MS_MAX));
    const { signal } = this.#stop;
    while (!isAborted(signal)) {
      await clock.sleep(everyMs, signal).catch(() => undefined); // stopped
      const nowMs = clock.monotonicMs();
      for (const connection of this.#connections.keys()) connection.enforceDeadlines(nowMs);
    }
  }

  /** Takes nothing new, answers what is in flight for at most so long, and closes every connection. */
  async close(drainMsMax: number): Promise<void> {
    if (isAborted(this.#stop.signal)) return;
    this.#stop.abort();
    const closed = [...this.#listeners].map(
      ({ server }) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const connection of this.#connections.keys()) connection.drain();
    await this.#waitUntilEmpty(drainMsMax);
    for (const connection of this.#connections.keys()) connection.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  async #waitUntilEmpty(waitMsMax: number): Promise<void> {
    if (this.#sockets.size === 0) return;
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
