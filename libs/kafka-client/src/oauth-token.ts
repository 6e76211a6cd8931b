import { request as requestHttp } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { deferred, MillraceError, type Clock } from '@millrace/foundation';

export interface BearerToken {
  /** As the `Authorization` header would bear it. */
  readonly value: string;
  /** SASL extensions of Kafka (KIP-342), names of letters only. */
  readonly extensions?: Readonly<Record<string, string>>;
}

export type TokenProvider = (clock: Clock) => Promise<BearerToken>;

/** `sasl.oauthbearer.*` of the client-credentials grant (RFC 6749, section 4.4). */
export interface ClientCredentialsOptions {
  /** `sasl.oauthbearer.token.endpoint.url`. */
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  readonly extensions?: Readonly<Record<string, string>>;
  /** `sasl.login.connect.timeout.ms` and `sasl.login.read.timeout.ms` in one; default 10,000. */
  readonly timeoutMs?: number;
  /** For https: certificate authorities and the like. */
  readonly tls?: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized'>;
}

/** `sasl.login.refresh.window.factor`: a token is not used any more after this part of its life. */
const REFRESH_WINDOW = 0.8;
/** INV-6: of an answer of the token endpoint. */
const ANSWER_BYTES_MAX = 1024 * 1024;

/** A provider that asks for a token and uses it for most of its life; concurrent calls share a request. */
export function clientCredentials(options: ClientCredentialsOptions): TokenProvider {
  let token: BearerToken | undefined;
  let useUntilMs = 0;
  let asking: Promise<BearerToken> | undefined;
  const ask = async (clock: Clock): Promise<BearerToken> => {
    const askedMs = clock.monotonicMs();
    const { accessToken, lifetimeMs } = await fetchToken(options, clock);
    useUntilMs = askedMs + lifetimeMs * REFRESH_WINDOW;
    token = {
      value: accessToken,
      ...(options.extensions === undefined ? {} : { extensions: options.extensions }),
    };
    return token;
  };
  return async (clock) => {
    if (token !== undefined && clock.monotonicMs() < useUntilMs) return token;
    asking ??= ask(clock).finally(() => {
      asking = undefined;
    });
    return await asking;
  };
}

async function fetchToken(
  options: ClientCredentialsOptions,
  clock: Clock,
): Promise<{ readonly accessToken: string; readonly lifetimeMs: number }> {
  const { clientId, clientSecret, scope } = options;
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope === undefined ? {} : { scope }),
  }).toString();
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const { status, text } = await post(options, clock, body, {
    authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  });
  const answer = parse(text);
  const accessToken = answer['access_token'];
  const expiresIn = Number(answer['expires_in']);
  if (status === 200 && typeof accessToken === 'string' && accessToken !== '') {
    // Without an end of life it is asked for anew each time.
    return { accessToken, lifetimeMs: expiresIn > 0 ? expiresIn * 1_000 : 0 };
  }
  const reason = [answer['error'], answer['error_description']].filter(
    (one) => typeof one === 'string',
  );
  throw tokenRefused(
    options.tokenEndpoint,
    status >= 500 || status === 429,
    reason.join(': ') || `status ${status}, no access_token`,
  );
}

async function post(
  { timeoutMs = 10_000, tls = {}, tokenEndpoint }: ClientCredentialsOptions,
  clock: Clock,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  const url = new URL(tokenEndpoint);
  const isHttps = url.protocol === 'https:';
  const outcome = deferred<{ status: number; text: string }>();
  const options = {
    method: 'POST',
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
  };
  const request = isHttps ? requestHttps(url, { ...tls, ...options }) : requestHttp(url, options);
  const fail = (error: Error): void => {
    outcome.reject(tokenRefused(tokenEndpoint, true, error.message, error));
  };
  request.on('error', fail);
  request.on('response', (response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    response.on('error', fail);
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > ANSWER_BYTES_MAX) request.destroy(new Error('the answer is too large'));
      else chunks.push(chunk);
    });
    response.on('end', () => {
      outcome.resolve({
        status: response.statusCode ?? 0,
        text: Buffer.concat(chunks).toString('utf8'),
      });
    });
  });
  request.end(body);
  const expiry = new AbortController();
  clock.sleep(timeoutMs, expiry.signal).then(
    () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
    () => undefined, // answered in time
  );
  try {
    return await outcome.promise;
  } finally {
    expiry.abort();
  }
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The token endpoint can't be reached, or doesn't know the client. */
function tokenRefused(
  endpoint: string,
  isRetriable: boolean,
  reason: string,
  cause?: unknown,
): MillraceError {
  return new MillraceError({
    code: 'client.token_refused',
    retry: isRetriable ? 'retriable' : 'fatal',
    message: `${endpoint} gave no token: ${reason}`,
    hint: 'check sasl.oauthbearer.token.endpoint.url, client id, secret and scope',
    context: { endpoint },
    ...(cause === undefined ? {} : { cause }),
  });
}
