import { request as httpRequest } from 'node:http';
import { silentLogger, type MetricFamily } from '@millrace/foundation';
import {
  createRestApplication,
  type RestApplication,
  type RestApplicationOptions,
} from '../src/rest/rest-application.ts';
import { LogLevels } from '../src/log-levels.ts';
import { RestServer } from '../src/rest/rest-server.ts';
import { FakeHerder } from './fake-herder.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly json: unknown;
}

export interface Ask {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The REST API over a fake herder, on a free port. */
export class RestHarness implements AsyncDisposable {
  readonly herder: FakeHerder;
  readonly port: number;
  readonly routes: RestApplication['routes'];
  readonly #close: () => Promise<void>;

  private constructor(
    herder: FakeHerder,
    port: number,
    routes: RestApplication['routes'],
    close: () => Promise<void>,
  ) {
    this.herder = herder;
    this.port = port;
    this.routes = routes;
    this.#close = close;
  }

  static async open(options: Partial<RestApplicationOptions> = {}): Promise<RestHarness> {
    const herder = new FakeHerder();
    const server = await RestServer.open([{ host: '127.0.0.1', port: 0 }]);
    const application = await createRestApplication({
      herder,
      log: silentLogger,
      metrics: (): readonly MetricFamily[] => [],
      levels: new LogLevels('INFO'),
      version: '9.9.9',
      requestTimeoutMs: 90_000,
      origins: { hosts: [], allowedOrigins: [] },
      allowedMethods: [],
      headerRules: [],
      requestBytesMax: 16 * 1024 * 1024,
      ...options,
    });
    server.serve(application.handler);
    return new RestHarness(
      herder,
      server.listeners[0]?.port ?? 0,
      () => application.routes(),
      async () => {
        await server[Symbol.asyncDispose]();
        await application[Symbol.asyncDispose]();
      },
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  ask(method: string, path: string, options: Ask = {}): Promise<Answer> {
    return ask(this.port, method, path, options);
  }
}

/** Objects are sent as JSON with its content type; strings and bytes are sent as they are. */
export function ask(
  port: number,
  method: string,
  path: string,
  { body, headers }: Ask,
): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array;
  const payload = body === undefined || isRaw ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        port,
        host: '127.0.0.1',
        method,
        path,
        headers: {
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = response.headers['content-type']?.startsWith('application/json') === true;
          const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
        });
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}
