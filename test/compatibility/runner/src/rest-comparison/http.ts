import { request as httpRequest } from 'node:http';

export interface HttpAsk {
  readonly method: string;
  /** Sent as it is, encoded or not. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

const TIMEOUT_MS = 60_000;

/** `fetch` would mend paths and headers; here they go out as they were written. */
export function sendAsIs(base: string, ask: HttpAsk): Promise<HttpAnswer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        hostname,
        port,
        method: ask.method,
        path: ask.path,
        headers: ask.headers,
        timeout: TIMEOUT_MS,
        agent: false, // after a refusal some servers close
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          });
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    request.on('error', reject);
    request.end(ask.body);
  });
}
