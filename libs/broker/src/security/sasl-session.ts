import { ErrorCode } from '@millrace/kafka-protocol';
import { formatPrincipal, isSamePrincipal, type Principal } from './principal.ts';
import type { SaslServer, SaslStep } from './sasl-server.ts';

/** KIP-368: who renews more often than this is answered as if he were not expected to. */
const RENEWAL_INTERVAL_MS_MIN = 1000;

/** What a listener offers for authentication. */
export interface SaslOffer {
  readonly mechanisms: readonly string[];
  begin(mechanism: string): SaslServer;
  /** `connections.max.reauth.ms` of the mechanism; 0 for never. */
  reauthMs(mechanism: string): number;
}

export interface SaslClocks {
  /** Since 1970, for the time in tokens. */
  nowMs(): number;
  monotonicMs(): number;
}

export type SaslOutcome =
  | {
      readonly kind: 'going-on' | 'authenticated';
      readonly bytes: Uint8Array;
      /** How long until the client has to authenticate anew; 0 for never, and before the end. */
      readonly sessionLifetimeMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly errorCode: number;
      readonly message: string;
      /** For the log, without secrets. */
      readonly reason: string;
    };

interface Done {
  readonly principal: Principal;
  readonly mechanism: string;
  readonly atMs: number;
  /** On the monotonic clock. */
  readonly expiresAtMs: number | undefined;
  /** The client knows of sessions that end (SaslAuthenticate 1 and later). */
  readonly canRenew: boolean;
}

/**
 * Where the authentication of one connection stands. A connection without a `done` is nobody's; a renewal leaves the
 * former one in place until it succeeds, and ends the connection when it fails.
 */
export class SaslSession {
  readonly #offer: SaslOffer;
  readonly #clocks: SaslClocks;
  #phase: 'handshake' | 'tokens' | 'raw-tokens' | 'settled' | 'failed' = 'handshake';
  #mechanism = '';
  #server: SaslServer | undefined;
  #canRenew = false;
  #done: Done | undefined;

  constructor(offer: SaslOffer, clocks: SaslClocks) {
    this.#offer = offer;
    this.#clocks = clocks;
  }

  get principal(): Principal | undefined {
    return this.#done?.principal;
  }

  /** Anything may be asked: authenticated, in time, and not in the middle of a renewal. */
  get isSettled(): boolean {
    return this.#phase === 'settled';
  }

  get isExpired(): boolean {
    const expiresAtMs = this.#done?.expiresAtMs;
    return expiresAtMs !== undefined && this.#clocks.monotonicMs() > expiresAtMs;
  }

  get hasFailed(): boolean {
    return this.#phase === 'failed';
  }

  /** After a handshake of version 0 the next frames are no requests but bare tokens. */
  get expectsRawTokens(): boolean {
    return this.#phase === 'raw-tokens';
  }

  /** Requests may come now that are no part of authentication but tell what is spoken. */
  get mayAskVersions(): boolean {
    return this.#phase === 'handshake' || this.#phase === 'settled';
  }

  get mayHandshake(): boolean {
    if (this.#phase === 'handshake') return true;
    const done = this.#done;
    if (this.#phase !== 'settled' || done?.canRenew !== true) return false;
    return this.#clocks.monotonicMs() - done.atMs >= RENEWAL_INTERVAL_MS_MIN;
  }

  handshake(
    mechanism: string,
    version: number,
  ): { readonly errorCode: number; readonly mechanisms: readonly string[] } {
    const { mechanisms } = this.#offer;
    if (!mechanisms.includes(mechanism)) {
      this.#phase = 'failed';
      return { errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM, mechanisms };
    }
    this.#mechanism = mechanism;
    this.#phase = version === 0 ? 'raw-tokens' : 'tokens';
    this.#server = this.#offer.begin(mechanism);
    return { errorCode: ErrorCode.NONE, mechanisms };
  }

  async authenticate(token: Uint8Array, version: number): Promise<SaslOutcome> {
    const server = this.#server;
    if ((this.#phase !== 'tokens' && this.#phase !== 'raw-tokens') || server === undefined)
      return this.#failed(ErrorCode.ILLEGAL_SASL_STATE, UNEXPECTED, 'no handshake came before');
    if (version > 0) this.#canRenew = true;
    const former = this.#done;
    if (former !== undefined && former.mechanism !== this.#mechanism) {
      const message = `SASL mechanism '${this.#mechanism}' requested by client is not supported for re-authentication of mechanism '${former.mechanism}'`;
      return this.#failed(ErrorCode.SASL_AUTHENTICATION_FAILED, message, 'another mechanism');
    }
    return this.#settle(await server.evaluate(token));
  }

  #settle(step: SaslStep): SaslOutcome {
    switch (step.kind) {
      case 'challenge':
        return { kind: 'going-on', bytes: step.bytes, sessionLifetimeMs: 0 };
      case 'failed': {
        const what = this.#done === undefined ? 'authentication' : 're-authentication';
        const message =
          step.message ??
          `Authentication failed during ${what} due to invalid credentials with SASL mechanism ${this.#mechanism}`;
        return this.#failed(ErrorCode.SASL_AUTHENTICATION_FAILED, message, step.reason);
      }
      case 'authenticated':
        return this.#succeed(step);
    }
  }

  #succeed(step: SaslStep & { readonly kind: 'authenticated' }): SaslOutcome {
    const former = this.#done?.principal;
    if (former !== undefined && !isSamePrincipal(former, step.principal)) {
      const message = `Cannot change principals during re-authentication from ${dotted(former)}: ${dotted(step.principal)}`;
      return this.#failed(ErrorCode.SASL_AUTHENTICATION_FAILED, message, 'another principal');
    }
    const atMs = this.#clocks.monotonicMs();
    const lifetimeMs = this.#lifetimeMs(step.expiresAtMs);
    this.#done = {
      principal: step.principal,
      mechanism: this.#mechanism,
      atMs,
      expiresAtMs: lifetimeMs === undefined ? undefined : atMs + lifetimeMs,
      canRenew: this.#canRenew,
    };
    this.#server = undefined;
    this.#phase = 'settled';
    return { kind: 'authenticated', bytes: step.bytes, sessionLifetimeMs: lifetimeMs ?? 0 };
  }

  /** The sooner of what the listener allows and what was shown; undefined for no end. */
  #lifetimeMs(credentialExpiresAtMs: number | undefined): number | undefined {
    const reauthMs = this.#offer.reauthMs(this.#mechanism);
    const bounds = [
      ...(reauthMs > 0 ? [reauthMs] : []),
      ...(credentialExpiresAtMs === undefined
        ? []
        : [Math.max(0, Math.floor(credentialExpiresAtMs - this.#clocks.nowMs()))]),
    ];
    return bounds.length === 0 ? undefined : Math.min(...bounds);
  }

  #failed(errorCode: number, message: string, reason: string): SaslOutcome {
    this.#phase = 'failed';
    this.#server = undefined;
    return { kind: 'failed', errorCode, message, reason };
  }
}

const UNEXPECTED = 'SaslAuthenticate request received after successful authentication';

function dotted(principal: Principal): string {
  return formatPrincipal(principal).replace(':', '.');
}
