import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { RegistryRequest, RegistryResponse, RegistryTransport } from './transport.ts';

/** What `node:tls` takes of the settings under `schema.registry.ssl.`. */
export interface RegistryTls {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly pfx?: Buffer;
  readonly passphrase?: string;
  /** False: certificates of another host name are accepted. */
  readonly checksHostName: boolean;
}

/** INV-6: a schema is some kilobytes; whoever answers with more is no registry. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Over `node:http`. One connection a request: there is one a schema, and none is left open. */
export class HttpTransport implements RegistryTransport {
  readonly #tls: RegistryTls | undefined;

  constructor(tls?: RegistryTls) {
    this.#tls = tls;
  }

  send(request: RegistryRequest, signal: AbortSignal): Promise<RegistryResponse> {
    return new Promise((resolve, reject) => {
      const { url, method, body } = request;
      const options: RequestOptions = {
        method,
        signal,
        agent: false,
        headers: {
          ...request.headers,
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
        },
      };
      const onResponse = (response: IncomingMessage): void => {
        collect(response).then((text) => {
          resolve({ status: response.statusCode ?? 0, body: text });
        }, reject);
      };
      const call =
        url.protocol === 'https:'
          ? requestHttps(url, { ...options, ...tlsOptions(this.#tls) }, onResponse)
          : requestHttp(url, options, onResponse);
      call.on('error', reject);
      call.end(body);
    });
  }
}

function tlsOptions(tls: RegistryTls | undefined): object {
  if (tls === undefined) return {};
  const { checksHostName, ...material } = tls;
  return { ...material, ...(checksHostName ? {} : { checkServerIdentity: () => undefined }) };
}

async function collect(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) {
      response.destroy();
      throw new Error(`the answer is larger than ${BODY_BYTES_MAX} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
