import type { Clock, Random } from '@millrace/foundation';
import { authenticationFailed } from './errors.ts';
import type { BearerToken, TokenProvider } from './oauth-token.ts';
import { authenticateScram } from './sasl-scram.ts';

export interface PasswordOptions {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

export interface OAuthBearerOptions {
  readonly mechanism: 'OAUTHBEARER';
  /** Asked at every connection and re-authentication; `clientCredentials` makes one. */
  readonly token: TokenProvider;
}

export type SaslOptions = PasswordOptions | OAuthBearerOptions;

/** Hands our bytes to the server and returns its answer. */
export type SaslExchange = (bytes: Uint8Array) => Promise<Uint8Array>;

export async function authenticate(
  sasl: SaslOptions,
  ports: { readonly random: Random; readonly clock: Clock },
  exchange: SaslExchange,
): Promise<void> {
  if (sasl.mechanism === 'OAUTHBEARER') {
    await authenticateBearer(await sasl.token(ports.clock), exchange);
  } else if (sasl.mechanism === 'PLAIN') {
    await exchange(utf8(`\0${sasl.username}\0${sasl.password}`));
  } else await authenticateScram(sasl, ports.random, exchange);
}

/** RFC 7628, with Kafka's extensions (KIP-342). */
async function authenticateBearer(
  { extensions = {}, value }: BearerToken,
  exchange: SaslExchange,
): Promise<void> {
  const pairs = Object.entries({ ...extensions, auth: `Bearer ${value}` });
  const bad = pairs.find(
    ([key, text]) => !/^[A-Za-z]+$/u.test(key) || !/^[\x20-\x7e\r\n\t]+$/u.test(text),
  );
  if (bad !== undefined || 'auth' in extensions) {
    throw authenticationFailed(
      'OAUTHBEARER',
      `the token or its extension "${bad?.[0] ?? 'auth'}" can't be sent`,
    );
  }
  const message = pairs.map(([key, text]) => `${key}=${text}\x01`).join('');
  const refusal = await exchange(utf8(`n,,\x01${message}\x01`));
  if (refusal.byteLength === 0) return;
  // The server said why; it ends the exchange once it hears that we heard it.
  await exchange(utf8('\x01')).catch(() => undefined);
  throw authenticationFailed('OAUTHBEARER', Buffer.from(refusal).toString('utf8'));
}

function utf8(value: string): Uint8Array {
  return Buffer.from(value, 'utf8');
}
