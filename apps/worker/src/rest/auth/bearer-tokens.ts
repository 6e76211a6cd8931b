import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  jwtVerify,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
} from 'jose';
import type { SecretFile } from './secret-file.ts';

export type TokenDigests = readonly Buffer[];

const DIGEST = /^sha256:(?<hex>[0-9a-f]{64})$/i;

/** `NAME=TOKEN` or `NAME=sha256:HEX`; the names are for those who keep the file. */
export function parseTokens(entries: Readonly<Record<string, string>>): TokenDigests {
  return Object.entries(entries).map(([name, value]) => {
    const hex = DIGEST.exec(value)?.groups?.['hex'];
    if (hex !== undefined) return Buffer.from(hex, 'hex');
    if (value.length < 16) throw new Error(`the token "${name}" is shorter than 16 characters`);
    return digestOf(value);
  });
}

/** True for one of the tokens; every one is compared. */
export function isListed(token: string, file: Pick<SecretFile<TokenDigests>, 'value'>): boolean {
  const digest = digestOf(token);
  return file.value.reduce((found, each) => timingSafeEqual(digest, each) || found, false);
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export interface JwtSettings {
  /** A file or an https address of a key set. */
  readonly jwks: string | null;
  readonly secret: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
}

const ASYMMETRIC = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
];
const CLOCK_SKEW_SECONDS = 30;

/** JSON web tokens: signature, time, and who issued them for whom. */
export class JwtTokens {
  readonly #settings: JwtSettings;
  readonly #keys: JWTVerifyGetKey | undefined;
  readonly #secret: Uint8Array | undefined;

  /** @throws Error when the key set can't be read; it repeats nothing of keys */
  constructor(settings: JwtSettings) {
    this.#settings = settings;
    this.#keys = settings.jwks === null ? undefined : keysOf(settings.jwks);
    if (settings.secret === null) return;
    this.#secret = Buffer.from(settings.secret);
    if (this.#secret.length < 32) throw new Error('rest.auth.jwt.secret has less than 32 bytes');
  }

  async isRight(token: string): Promise<boolean> {
    const { issuer, audience } = this.#settings;
    const options: JWTVerifyOptions = {
      clockTolerance: CLOCK_SKEW_SECONDS,
      requiredClaims: ['exp'],
      ...(issuer === null ? {} : { issuer }),
      ...(audience === null ? {} : { audience }),
    };
    try {
      // A public key must never be taken for a secret: the algorithms of both are apart.
      if (
        this.#keys !== undefined &&
        (await verified(jwtVerify(token, this.#keys, { ...options, algorithms: ASYMMETRIC })))
      )
        return true;
      if (this.#secret === undefined) return false;
      const algorithms = ['HS256', 'HS384', 'HS512'];
      return await verified(jwtVerify(token, this.#secret, { ...options, algorithms }));
    } catch {
      return false; // whatever is wrong with it
    }
  }
}

function verified(verification: Promise<unknown>): Promise<boolean> {
  return verification.then(
    () => true,
    () => false,
  );
}

function keysOf(location: string): JWTVerifyGetKey {
  if (/^https:\/\//i.test(location))
    return createRemoteJWKSet(new URL(location), { timeoutDuration: 5000 });
  const set: unknown = JSON.parse(readFileSync(location, 'utf8'));
  if (!isKeySet(set)) throw new Error(`"${location}" is no JSON web key set: it has no "keys"`);
  return createLocalJWKSet(set);
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return (
    typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
  );
}
