import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenFailed } from '../errors.ts';
import { urlOf, type Listener } from './listener.ts';

/** How long answers in progress may take once the server is asked to close. */
const CLOSE_GRACE_MS = 2000;
/** A client has this long to send its request. */
const REQUEST_TIMEOUT_MS = 90_000;

/**
 * The sockets of the REST API. They are opened first, so that a taken port is known before anything is touched and
 * `/health` can say `starting`; the API itself is put in with `serve` once the worker stands.
 */
export class RestServer implements AsyncDisposable {
  readonly #servers: readonly Server[];
  /** As listened on: real ports in place of 0. */
  readonly listeners: readonly Listener[];
  #handler: RequestListener = answerStarting;

  private constructor(servers: readonly Server[], hosts: readonly string[]) {
    this.#servers = servers;
    this.listeners = servers.map((server, index) => ({
      host: hosts[index] ?? '',
      port: portOf(server),
    }));
    for (const server of servers) {
      server.on('request', (request, response) => {
        this.#handler(request, response);
      });
    }
  }

  /** @throws MillraceError `rest.listen_failed`; nothing stays open then */
  static async open(listeners: readonly Listener[]): Promise<RestServer> {
    const servers: Server[] = [];
    try {
      for (const listener of listeners) servers.push(await listen(listener));
    } catch (error) {
      for (const server of servers) server.close();
      throw error;
    }
    return new RestServer(
      servers,
      listeners.map(({ host }) => host),
    );
  }

  get urls(): readonly string[] {
    return this.listeners.map((listener) => urlOf(reachable(listener)));
  }

  serve(handler: RequestListener): void {
    this.#handler = handler;
  }

  /** Takes no more requests, lets those in progress end, and cuts what lasts longer than the grace. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => close(server)));
  }
}

async function listen(listener: Listener): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(listenFailed(urlOf(listener), error));
    });
    server.listen(
      { port: listener.port, ...(listener.host === '' ? {} : { host: listener.host }) },
      resolve,
    );
  });
  return server;
}

async function close(server: Server): Promise<void> {
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
function reachable({ host, port }: Listener): Listener {
  return { host: host === '' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host, port };
}

const STARTING = 'Worker is still starting up.';

const answerStarting: RequestListener = (request, response) => {
  const isHealth = /^\/health\/?(?:\?|$)/.test(request.url ?? '');
  const body = isHealth
    ? { status: 'starting', message: STARTING }
    : { error_code: 503, message: STARTING };
  response.writeHead(503, { 'Content-Type': 'application/json', 'Retry-After': '1' });
  response.end(JSON.stringify(body));
};
