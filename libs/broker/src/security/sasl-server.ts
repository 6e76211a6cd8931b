import type { Principal } from './principal.ts';

/** The server's half of one authentication. `evaluate` is called for each message of the client. */
export interface SaslServer {
  evaluate(token: Uint8Array): SaslStep | Promise<SaslStep>;
}

export type SaslStep =
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'authenticated';
      readonly bytes: Uint8Array;
      readonly principal: Principal;
      /** When what was shown (a token) is over, in ms since 1970. */
      readonly expiresAtMs?: number | undefined;
    }
  | {
      readonly kind: 'failed';
      /** For the client; absent, the usual words that give nothing away. */
      readonly message?: string;
      /** For the log, without secrets. */
      readonly reason: string;
    };

export function failed(reason: string, message?: string): SaslStep {
  return { kind: 'failed', reason, ...(message === undefined ? {} : { message }) };
}
