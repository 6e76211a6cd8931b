import { workerRefused, workerUnreachable } from './errors.ts';

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

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, '');
  }

  /** What the worker says of itself; undefined when there is none, or it is not Millrace's. */
  async about(): Promise<AboutWorker | undefined> {
    return this.ask<AboutWorker>('GET', '/api/worker').catch(() => undefined);
  }

  /** @throws MillraceError when there is no worker, or it refuses */
  async ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#send(method, path, body);
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : parse(text);
    if (response.ok) return answer as T; // of our own worker, whose shapes the caller names
    const message = field(answer, 'message') ?? `the worker answered ${response.status}`;
    throw workerRefused(response.status, message, field(answer, 'hint'));
  }

  async #send(method: string, path: string, body: unknown): Promise<Response> {
    try {
      return await fetch(this.#url + path, {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      });
    } catch (error) {
      throw workerUnreachable(this.#url, error);
    }
  }
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
