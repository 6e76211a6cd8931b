import { user } from './principal.ts';
import { failed, type SaslServer, type SaslStep } from './sasl-server.ts';
import type { TokenIdentity, TokenProblem } from './oauth-token.ts';

const CONTROL_A = 1;
const EMPTY = new Uint8Array(0);
// Control characters are what RFC 7628 puts between its parts.
const FIRST = new RegExp(
  '^n,(?:a=((?:[\\x01-\\x2b\\x2d-\\x3c\\x3e-\\x7f]|=2C|=3D)+))?,\\x01((?:[A-Za-z]+=[\\x21-\\x7e \\t\\r\\n]+\\x01)*)\\x01$',
);
const BEARER = /^bearer +([-_~+/.a-zA-Z0-9]+=*)$/i;

/** Checks a token: whom it is about, or why it is not taken. */
export type TokenCheck = (token: string) => Promise<TokenIdentity | TokenProblem>;

/** RFC 7628. A token that is refused is answered as JSON first; the client then asks for the end of it. */
export class OAuthBearerServer implements SaslServer {
  readonly #check: TokenCheck;
  #refused: { readonly answer: string; readonly reason: string } | undefined;

  constructor(check: TokenCheck) {
    this.#check = check;
  }

  async evaluate(token: Uint8Array): Promise<SaslStep> {
    const refused = this.#refused;
    if (refused !== undefined) {
      if (token.byteLength === 1 && token[0] === CONTROL_A)
        return failed(refused.reason, refused.answer);
      return failed('a message after the token was refused');
    }
    const first = parseFirst(Buffer.from(token).toString('utf8'));
    if (first === undefined) return failed('malformed first message');
    const identity = await this.#check(first.token);
    if ('problem' in identity) {
      this.#refused = { answer: '{"status":"invalid_token"}', reason: identity.problem };
      return { kind: 'challenge', bytes: Buffer.from(this.#refused.answer) };
    }
    const { name, expiresAtMs } = identity;
    if (first.authorizationId !== '' && first.authorizationId !== name)
      return failed(
        'authorization id',
        `Authentication failed: Client requested an authorization id (${first.authorizationId}) that is different from the token's principal name (${name})`,
      );
    return { kind: 'authenticated', bytes: EMPTY, principal: user(name), expiresAtMs };
  }
}

function parseFirst(
  message: string,
): { readonly authorizationId: string; readonly token: string } | undefined {
  const match = FIRST.exec(message);
  if (match === null) return undefined;
  const [, authorizationId = '', pairs = ''] = match;
  const auth = pairs.split('\x01').find((pair) => pair.startsWith('auth='));
  const token = BEARER.exec(auth?.slice('auth='.length) ?? '')?.[1];
  if (token === undefined) return undefined;
  return {
    authorizationId: authorizationId.replaceAll('=2C', ',').replaceAll('=3D', '='),
    token,
  };
}
