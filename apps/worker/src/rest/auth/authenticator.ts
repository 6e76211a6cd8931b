import { unauthorized } from '../../errors.ts';
import type { HttpRequest, HttpResponse, Next } from '../http.ts';
import { BasicUsers, parsePasswords } from './basic-users.ts';
import { isListed, JwtTokens, parseTokens, type JwtSettings } from './bearer-tokens.ts';
import { SecretFile } from './secret-file.ts';

export interface AuthSettings {
  readonly basicFile: string | null;
  readonly bearerFile: string | null;
  readonly jwt: JwtSettings;
}

/** Longer than any name, password or token. */
const CREDENTIALS_CHARS_MAX = 16_384;
const REALM = 'realm="Millrace", charset="UTF-8"';

/** Who may use the REST API. */
export class Authenticator {
  readonly #users: BasicUsers | undefined;
  readonly #tokens: SecretFile<readonly Buffer[]> | undefined;
  readonly #jwt: JwtTokens | undefined;

  /** @throws Error when a file can't be used; it repeats no secret */
  constructor({ basicFile, bearerFile, jwt }: AuthSettings) {
    if (basicFile !== null) this.#users = new BasicUsers(new SecretFile(basicFile, parsePasswords));
    if (bearerFile !== null) this.#tokens = new SecretFile(bearerFile, parseTokens);
    if (jwt.jwks !== null || jwt.secret !== null) this.#jwt = new JwtTokens(jwt);
  }

  /** `/health` says nothing to hide, and what asks for it has no password. */
  async check(request: HttpRequest, response: HttpResponse): Promise<void> {
    const isHealth = /^\/health\/?$/.test(request.path) && /^(?:GET|HEAD)$/.test(request.method);
    if (isHealth || (await this.#isKnown(request.headers['authorization']))) return;
    for (const challenge of this.#challenges())
      response.appendHeader('WWW-Authenticate', challenge);
    throw unauthorized();
  }

  async #isKnown(header: unknown): Promise<boolean> {
    if (typeof header !== 'string' || header.length > CREDENTIALS_CHARS_MAX) return false;
    const { scheme, credentials } =
      /^(?<scheme>basic|bearer) +(?<credentials>\S+) *$/i.exec(header)?.groups ?? {};
    if (credentials === undefined) return false;
    return scheme?.toLowerCase() === 'basic'
      ? this.#isUser(credentials)
      : this.#isToken(credentials);
  }

  async #isUser(credentials: string): Promise<boolean> {
    const text = Buffer.from(credentials, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (this.#users === undefined || colon < 0) return false;
    return this.#users.isRight(text.slice(0, colon), text.slice(colon + 1));
  }

  async #isToken(token: string): Promise<boolean> {
    if (this.#tokens !== undefined && isListed(token, this.#tokens)) return true;
    return (await this.#jwt?.isRight(token)) ?? false;
  }

  #challenges(): readonly string[] {
    const isBearer = this.#tokens !== undefined || this.#jwt !== undefined;
    return [
      ...(this.#users === undefined ? [] : [`Basic ${REALM}`]),
      ...(isBearer ? [`Bearer ${REALM}`] : []),
    ];
  }
}

/** As a step before every request. */
export function authenticating(
  authenticator: Authenticator | undefined,
): (request: HttpRequest, response: HttpResponse, next: Next) => void {
  return (request, response, next) => {
    if (authenticator === undefined) next();
    else
      authenticator.check(request, response).then(() => {
        next();
      }, next);
  };
}

/** False when nobody is asked who he is. */
export function isAuthWanted({ basicFile, bearerFile, jwt }: AuthSettings): boolean {
  return [basicFile, bearerFile, jwt.jwks, jwt.secret].some((each) => each !== null);
}
