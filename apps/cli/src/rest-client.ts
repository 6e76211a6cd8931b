import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { workerRefused, workerUnreachable } from './errors.ts';
import type { WorkerAccess } from './worker-access.ts';

/** A little longer than the worker's own limit, so that its explanation arrives. */
const TIMEOUT_MS = 95_000;

export interface AboutWorker {
  /** Where Kafka clients reach the log. */
  readonly bootstrap_servers: string;
  /** Names that placeholders may begin with. */
  readonly config_providers: readonly string[];
}

/** The worker's REST API; answers are whatever JSON it sends. */
export class RestClient {
  readonly #url: string;
  readonly #access: () => WorkerAccess;

  /** How it is accessed is asked when it is: some commands use no worker. */
  constructor(url: string, access: () => WorkerAccess = () => ({})) {
    this.#url = url.replace(/\/+$/, '');
    this.#access = access;
  }

  /** What the worker says of itself; undefined when there is none, or it is not Millrace's. */
  async about(): Promise<AboutWorker | undefined> {
    return this.ask<AboutWorker>('GET', '/api/worker').catch(() => undefined);
  }

  /** @throws MillraceError when there is no worker, or it refuses */
  async ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#send(method, path, body);
    const answer: unknown = response.text === '' ? undefined : parse(response.text);
    if (response.status < 400) return answer as T; // of our own worker, whose shapes the caller names
    const message = field(answer, 'message') ?? `the worker answered ${response.status}`;
    throw workerRefused(response.status, message, hintFor(response.status, field(answer, 'hint')));
  }

  async #send(method: string, path: string, body: unknown): Promise<Sent> {
    const access = this.#access();
    try {
      return await send(this.#url + path, method, body, access);
    } catch (error) {
      throw workerUnreachable(this.#url, error);
    }
  }
}

interface Sent {
  readonly status: number;
  readonly text: string;
}

/** `fetch` can't be told whom to trust. */
function send(
  url: string,
  method: string,
  body: unknown,
  { authorization, ca }: WorkerAccess,
): Promise<Sent> {
  const target = new URL(url);
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    Accept: '*/*',
    ...(authorization === undefined ? {} : { Authorization: authorization }),
    ...(payload === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(payload) }),
  };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const options = { method, headers, signal, agent: false };
    const request =
      target.protocol === 'https:'
        ? httpsRequest(target, { ...options, ...(ca === undefined ? {} : { ca: [...ca] }) })
        : httpRequest(target, options);
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    request.end(payload);
  });
}

function hintFor(status: number, hint: string | undefined): string | undefined {
  return status === 401
    ? 'say who you are: --user NAME with MILLRACE_PASSWORD, or MILLRACE_TOKEN'
    : hint;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // not our worker, but its words may explain what it is
  }
}

function field(answer: unknown, name: string): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const value: unknown = Reflect.get(answer, name);
  return typeof value === 'string' ? value : undefined;
}
