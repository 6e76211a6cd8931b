import { user } from './principal.ts';
import { failed, type SaslServer, type SaslStep } from './sasl-server.ts';
import { isSameSecret } from './secrets.ts';

const EMPTY = new Uint8Array(0);

/** RFC 4616, with the users of Kafka's PlainLoginModule. */
export class PlainServer implements SaslServer {
  readonly #passwords: ReadonlyMap<string, string>;

  constructor(passwords: ReadonlyMap<string, string>) {
    this.#passwords = passwords;
  }

  evaluate(token: Uint8Array): SaslStep {
    const tokens = Buffer.from(token).toString('utf8').split('\0');
    if (tokens.length !== 3) {
      const message = `Invalid SASL/PLAIN response: expected 3 tokens, got ${Math.min(tokens.length, 4)}`;
      return failed('malformed message', message);
    }
    const [authorizationId = '', username = '', password = ''] = tokens;
    if (username === '')
      return failed('no username', 'Authentication failed: username not specified');
    if (password === '')
      return failed('no password', 'Authentication failed: password not specified');
    const expected = this.#passwords.get(username);
    // Compared in either case, so that the time does not tell which users exist.
    const isSame = isSameSecret(password, expected ?? '');
    if (!isSame || expected === undefined)
      return failed('wrong password', 'Authentication failed: Invalid username or password');
    if (authorizationId !== '' && authorizationId !== username)
      return failed('authorization id', OTHER_AUTHORIZATION_ID);
    return { kind: 'authenticated', bytes: EMPTY, principal: user(username) };
  }
}

export const OTHER_AUTHORIZATION_ID =
  'Authentication failed: Client requested an authorization id that is different from username';
