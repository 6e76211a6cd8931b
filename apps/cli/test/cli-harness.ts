import { createServer, type Server } from 'node:http';
import { runCli } from '../src/cli.ts';
import type { ExitCode } from '../src/exit-codes.ts';

export interface Run {
  readonly code: ExitCode;
  readonly out: string;
  readonly error: string;
}

/** Runs a command in this process and keeps what it prints. */
export async function run(
  argv: readonly string[],
  stop = new AbortController().signal,
): Promise<Run> {
  const out: string[] = [];
  const error: string[] = [];
  const code = await runCli(argv, {
    out: (text) => void out.push(text),
    error: (text) => void error.push(text),
    stop,
  });
  return { code, out: out.join('\n'), error: error.join('\n') };
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** A worker that answers each request with what the test says, and keeps the requests. */
export class FakeWorker implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async open(answer: (asked: Asked) => readonly [number, unknown?]): Promise<FakeWorker> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const body: unknown = text === '' ? undefined : JSON.parse(text);
        const asked = { method: request.method ?? '', path: request.url ?? '', body };
        worker.asked.push(asked);
        const [status, json] = answer(asked);
        response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
        response.end(json === undefined ? '' : JSON.stringify(json));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const worker = new FakeWorker(server, `http://127.0.0.1:${port}`);
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
