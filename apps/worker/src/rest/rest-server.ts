import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { badListener, listenFailed } from '../errors.ts';
import { urlOf, type Listener } from './listener.ts';
import { answerUnreadableRequests } from './unreadable-request.ts';

/** How long answers in progress may take once the server is asked to close. */
const CLOSE_GRACE_MS = 2000;
/** How many connections may wait to be accepted; the system may allow fewer. */
const BACKLOG = 4096;
/** How often clients that take too long are looked for. */
const LOOK_INTERVAL_MS = 1000;

/** What clients may take of a server; keys `rest.*`. */
export interface ServerLimits {
  readonly connectionsMax: number;
  readonly requestsMax: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface ServerOptions {
  /** For listeners by https. */
  readonly tls?: TlsOptions | undefined;
  readonly limits?: ServerLimits;
}

const DEFAULT_LIMITS: ServerLimits = {
  connectionsMax: 20_000,
  requestsMax: 20_000,
  headersTimeoutMs: 60_000,
  requestTimeoutMs: 90_000,
};

/**
 * The sockets of the REST API. They are opened first, so that a taken port is known before anything is touched and
 * `/health` can say `starting`; the API itself is put in with `serve` once the worker stands.
 */
export class RestServer implements AsyncDisposable {
  readonly #servers: readonly Server[];
  /** As listened on: real ports in place of 0. */
  readonly listeners: readonly Listener[];
  readonly #requestsMax: number;
  #requestCount = 0;
  #handler: RequestListener = answerStarting;

  private constructor(
    servers: readonly Server[],
    listeners: readonly Listener[],
    requestsMax: number,
  ) {
    this.#servers = servers;
    this.#requestsMax = requestsMax;
    this.listeners = listeners.map((listener, index) => {
      const server = servers[index];
      return { ...listener, port: server === undefined ? listener.port : portOf(server) };
    });
    for (const server of servers) server.on('request', this.#onRequest);
  }

  /** @throws MillraceError `rest.listen_failed`; nothing stays open then */
  static async open(
    listeners: readonly Listener[],
    { tls, limits = DEFAULT_LIMITS }: ServerOptions = {},
  ): Promise<RestServer> {
    const servers: Server[] = [];
    try {
      for (const listener of listeners) servers.push(await listen(listener, tls, limits));
    } catch (error) {
      for (const server of servers) server.close();
      throw error;
    }
    return new RestServer(servers, listeners, limits.requestsMax);
  }

  get urls(): readonly string[] {
    return this.listeners.map((listener) => urlOf(reachable(listener)));
  }

  serve(handler: RequestListener): void {
    this.#handler = handler;
  }

  /** INV-6: more requests than the limit are refused, not queued. */
  readonly #onRequest: RequestListener = (request, response) => {
    if (this.#requestCount >= this.#requestsMax) {
      answerUnavailable(response, 'The worker has as many requests as it may have; try again.');
      return;
    }
    this.#requestCount++;
    response.once('close', () => {
      this.#requestCount--;
    });
    this.#handler(request, response);
  };

  /** Takes no more requests, lets those in progress end, and cuts what lasts longer than the grace. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => close(server)));
  }
}

async function listen(
  listener: Listener,
  tls: TlsOptions | undefined,
  { connectionsMax, headersTimeoutMs, requestTimeoutMs }: ServerLimits,
): Promise<Server> {
  const options = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
    connectionsCheckingInterval: Math.min(LOOK_INTERVAL_MS, headersTimeoutMs),
    keepAlive: true, // finds out about clients that are gone
  };
  if (listener.isTls === true && tls === undefined)
    throw badListener(urlOf(listener), 'there is no certificate for https');
  const server =
    listener.isTls === true
      ? createTlsServer({ ...options, ...tls, handshakeTimeout: headersTimeoutMs })
      : createServer(options);
  server.maxConnections = connectionsMax;
  answerUnreadableRequests(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(listenFailed(urlOf(listener), error));
    });
    const host = listener.host === '' ? {} : { host: listener.host };
    server.listen({ port: listener.port, backlog: BACKLOG, ...host }, resolve);
  });
  return server;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, CLOSE_GRACE_MS);
  await closed;
  clearTimeout(timer);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** An address that a client on this machine can use. */
function reachable({ host, ...listener }: Listener): Listener {
  const isAny = host === '' || host === '0.0.0.0' || host === '::';
  return { ...listener, host: isAny ? '127.0.0.1' : host };
}

const STARTING = 'Worker is still starting up.';

const answerStarting: RequestListener = (request, response) => {
  const isHealth = /^\/health\/?(?:\?|$)/.test(request.url ?? '');
  if (!isHealth) {
    answerUnavailable(response, STARTING);
    return;
  }
  response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' });
  response.end(JSON.stringify({ status: 'starting', message: STARTING }));
};

function answerUnavailable(response: Parameters<RequestListener>[1], message: string): void {
  response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' });
  response.end(JSON.stringify({ error_code: 503, message }));
}
