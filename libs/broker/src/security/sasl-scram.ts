import { createHash, createHmac } from 'node:crypto';
import { user } from './principal.ts';
import { OTHER_AUTHORIZATION_ID } from './sasl-plain.ts';
import { failed, type SaslServer, type SaslStep } from './sasl-server.ts';
import {
  hashBytes,
  hashOf,
  ITERATIONS_MIN,
  type ScramCredential,
  type ScramMechanism,
} from './scram-credentials.ts';
import { isSameSecret } from './secrets.ts';

const NONCE_BYTES = 24;
const CLIENT_FIRST =
  /^n,(?:a=([^,]+))?,(n=((?:[^=,]|=2C|=3D)+),r=([!-+\--~]+)((?:,[A-Za-z]+=[^,]*)*))$/;
const CLIENT_FINAL =
  /^(c=([A-Za-z0-9+/=]+),r=([!-+\--~]+)(?:,[A-Za-z]+=[^,]*)*),p=([A-Za-z0-9+/=]+)$/;

export interface ScramServerOptions {
  readonly mechanism: ScramMechanism;
  readonly find: (username: string) => ScramCredential | undefined;
  readonly randomBytes: (count: number) => Uint8Array;
  /** From which the salt of a user that does not exist is made, always the same for the same name. */
  readonly decoySecret: Uint8Array;
}

interface Exchange {
  readonly username: string;
  /** Undefined: there is no such user, and the exchange fails at its end as for a wrong password. */
  readonly credential: ScramCredential | undefined;
  readonly nonce: string;
  readonly clientFirstBare: string;
  readonly serverFirst: string;
  readonly gs2Header: string;
}

/** RFC 5802 without channel binding. */
export class ScramServer implements SaslServer {
  readonly #options: ScramServerOptions;
  #exchange: Exchange | undefined;

  constructor(options: ScramServerOptions) {
    this.#options = options;
  }

  evaluate(token: Uint8Array): SaslStep {
    const message = Buffer.from(token).toString('utf8');
    return this.#exchange === undefined
      ? this.#first(message)
      : this.#final(message, this.#exchange);
  }

  #first(message: string): SaslStep {
    const match = CLIENT_FIRST.exec(message);
    if (match === null) return failed('malformed first message');
    const [, authorizationId, clientFirstBare = '', saslName = '', clientNonce = ''] = match;
    const extensions = match[5] ?? '';
    if (/,tokenauth=true/i.test(extensions)) return failed('delegation tokens are not served');
    const username = saslName.replaceAll('=2C', ',').replaceAll('=3D', '=');
    if (authorizationId !== undefined && authorizationId !== saslName)
      return failed('authorization id', OTHER_AUTHORIZATION_ID);
    const credential = this.#options.find(username);
    const shown = credential ?? this.#decoy(username);
    const nonce =
      clientNonce + Buffer.from(this.#options.randomBytes(NONCE_BYTES)).toString('base64url');
    const salt = Buffer.from(shown.salt).toString('base64');
    const serverFirst = `r=${nonce},s=${salt},i=${shown.iterations}`;
    const gs2Header = message.slice(0, message.length - clientFirstBare.length);
    this.#exchange = { username, credential, nonce, clientFirstBare, serverFirst, gs2Header };
    return { kind: 'challenge', bytes: Buffer.from(serverFirst) };
  }

  #decoy(username: string): { readonly salt: Uint8Array; readonly iterations: number } {
    const salt = createHmac('sha256', this.#options.decoySecret).update(username).digest();
    return { salt: salt.subarray(0, 24), iterations: ITERATIONS_MIN };
  }

  #final(message: string, exchange: Exchange): SaslStep {
    const match = CLIENT_FINAL.exec(message);
    if (match === null) return failed('malformed final message');
    const [, withoutProof = '', binding = '', nonce = '', proofText = ''] = match;
    if (Buffer.from(binding, 'base64').toString('utf8') !== exchange.gs2Header)
      return failed('channel binding');
    // Older librdkafka (up to 2.6) puts its own part before the whole once more. Kafka lets it, and so must we.
    if (!nonce.endsWith(exchange.nonce)) return failed('nonce');
    const { credential, username, clientFirstBare, serverFirst } = exchange;
    if (credential === undefined) return failed('no such user');
    const { mechanism } = this.#options;
    const hash = hashOf(mechanism);
    const proof = Buffer.from(proofText, 'base64');
    if (proof.byteLength !== hashBytes(mechanism)) return failed('proof of a wrong size');
    const authMessage = `${clientFirstBare},${serverFirst},${withoutProof}`;
    const signature = createHmac(hash, credential.storedKey).update(authMessage).digest();
    const clientKey = proof.map((byte, index) => byte ^ (signature[index] ?? 0));
    const storedKey = createHash(hash).update(clientKey).digest();
    if (!isSameSecret(storedKey, credential.storedKey)) return failed('wrong password');
    const serverSignature = createHmac(hash, credential.serverKey).update(authMessage).digest();
    const bytes = Buffer.from(`v=${serverSignature.toString('base64')}`);
    return { kind: 'authenticated', bytes, principal: user(username) };
  }
}
