import { apis } from '@millrace/kafka-protocol';
import { ANONYMOUS, type Principal } from './principal.ts';
import type { SaslSession } from './sasl-session.ts';

const API_VERSIONS = apis.apiVersions.key;
const SASL_HANDSHAKE = apis.saslHandshake.key;
const SASL_AUTHENTICATE = apis.saslAuthenticate.key;

/** Who a connection belongs to, and what it may ask now. */
export class ClientSession {
  /** A part of this very process: may do everything, and has no quotas. */
  readonly isInternal: boolean;
  /** Undefined where the listener has no SASL. */
  readonly sasl: SaslSession | undefined;
  readonly #principal: Principal;

  private constructor(isInternal: boolean, principal: Principal, sasl: SaslSession | undefined) {
    this.isInternal = isInternal;
    this.#principal = principal;
    this.sasl = sasl;
  }

  static internal(): ClientSession {
    return new ClientSession(true, ANONYMOUS, undefined);
  }

  /** Of a certificate, or nobody in particular. */
  static of(principal: Principal): ClientSession {
    return new ClientSession(false, principal, undefined);
  }

  static withSasl(sasl: SaslSession): ClientSession {
    return new ClientSession(false, ANONYMOUS, sasl);
  }

  get principal(): Principal {
    return this.sasl?.principal ?? this.#principal;
  }

  /** True from the first authentication on, also while it is renewed. */
  get wasAuthenticated(): boolean {
    return this.sasl === undefined || this.sasl.principal !== undefined;
  }

  /** Nothing is owed before ordinary requests. */
  get isAuthenticated(): boolean {
    return this.sasl === undefined || this.sasl.isSettled;
  }

  /** Why this request ends the connection, or undefined when it may be answered. */
  findRefusal(apiKey: number): string | undefined {
    const { sasl } = this;
    if (sasl === undefined) return undefined;
    if (sasl.hasFailed) return 'a request came after authentication had failed';
    if (sasl.isSettled) {
      if (sasl.isExpired && !(apiKey === SASL_HANDSHAKE && sasl.mayHandshake))
        return 'the session has ended and was not renewed';
      return undefined;
    }
    if (apiKey === SASL_HANDSHAKE || apiKey === SASL_AUTHENTICATE) return undefined;
    if (apiKey === API_VERSIONS && sasl.mayAskVersions) return undefined;
    return `a request (api ${apiKey}) came before authentication`;
  }
}
