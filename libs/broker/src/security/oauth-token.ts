import { createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';

/** Why a token is not taken: for the log, never for the client. */
export interface TokenProblem {
  readonly problem: string;
}

export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What is signed, and the signature. */
  readonly signed: string;
  readonly signature: Uint8Array;
}

export interface TokenRules {
  readonly nowMs: number;
  readonly skewMs: number;
  readonly nameClaim: string;
  readonly scopeClaim: string;
  readonly issuer?: string | undefined;
  readonly audiences?: readonly string[] | undefined;
  readonly requiredScope?: readonly string[] | undefined;
}

export interface TokenIdentity {
  readonly name: string;
  readonly expiresAtMs: number;
}

interface Algorithm {
  readonly hash: string | null;
  readonly keyType: string;
  readonly padding?: number;
  readonly curve?: string;
  readonly isIeee?: boolean;
}

const RSA_PKCS1_PSS_PADDING = 6;
/** Asymmetric ones alone: a public key that is taken for a shared secret would let everybody sign. */
const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ['RS256', { hash: 'sha256', keyType: 'rsa' }],
  ['RS384', { hash: 'sha384', keyType: 'rsa' }],
  ['RS512', { hash: 'sha512', keyType: 'rsa' }],
  ['PS256', { hash: 'sha256', keyType: 'rsa', padding: RSA_PKCS1_PSS_PADDING }],
  ['PS384', { hash: 'sha384', keyType: 'rsa', padding: RSA_PKCS1_PSS_PADDING }],
  ['PS512', { hash: 'sha512', keyType: 'rsa', padding: RSA_PKCS1_PSS_PADDING }],
  ['ES256', { hash: 'sha256', keyType: 'ec', curve: 'prime256v1', isIeee: true }],
  ['ES384', { hash: 'sha384', keyType: 'ec', curve: 'secp384r1', isIeee: true }],
  ['ES512', { hash: 'sha512', keyType: 'ec', curve: 'secp521r1', isIeee: true }],
  ['EdDSA', { hash: null, keyType: 'ed25519' }],
]);

export function parseJwt(text: string): Jwt | TokenProblem {
  const parts = text.split('.');
  const [header = '', claims = '', signature = ''] = parts;
  if (parts.length !== 3) return { problem: 'no JWS in compact form' };
  const [parsedHeader, parsedClaims] = [jsonObject(header), jsonObject(claims)];
  if (parsedHeader === undefined || parsedClaims === undefined)
    return { problem: 'header or claims are no JSON' };
  return {
    header: parsedHeader,
    claims: parsedClaims,
    signed: `${header}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  };
}

/** A token that nobody signed, as Kafka takes it where nothing else is set up. */
export function findUnsecuredProblem({ header, signature }: Jwt): TokenProblem | undefined {
  if (header['alg'] !== 'none')
    return { problem: 'an unsecured token must have the algorithm none' };
  return signature.byteLength === 0 ? undefined : { problem: 'an unsecured token has a signature' };
}

export function findSignatureProblem(
  { header, signed, signature }: Jwt,
  key: KeyObject,
  keyAlgorithm: string | undefined,
): TokenProblem | undefined {
  const name = header['alg'];
  const algorithm = typeof name === 'string' ? ALGORITHMS.get(name) : undefined;
  if (algorithm === undefined || (keyAlgorithm !== undefined && keyAlgorithm !== name))
    return { problem: 'an algorithm that is not taken' };
  const isFitting =
    key.asymmetricKeyType === algorithm.keyType &&
    (algorithm.curve === undefined || key.asymmetricKeyDetails?.namedCurve === algorithm.curve);
  if (!isFitting) return { problem: 'a key that does not fit the algorithm' };
  const options = {
    key,
    ...(algorithm.padding === undefined ? {} : { padding: algorithm.padding }),
    ...(algorithm.isIeee === true ? { dsaEncoding: 'ieee-p1363' as const } : {}),
  };
  const isSigned = verify(algorithm.hash, Buffer.from(signed), options, signature);
  return isSigned ? undefined : { problem: 'the signature is wrong' };
}

/** Who the token is about, once it is known to be genuine. */
export function identityOf({ claims }: Jwt, rules: TokenRules): TokenIdentity | TokenProblem {
  const name = claims[rules.nameClaim];
  if (typeof name !== 'string' || name.trim() === '')
    return { problem: `the claim ${rules.nameClaim} names nobody` };
  const expiresAtMs = timeOf(claims['exp']);
  if (expiresAtMs === undefined) return { problem: 'the claim exp is missing' };
  if (rules.nowMs - rules.skewMs >= expiresAtMs) return { problem: 'it has expired' };
  for (const claim of ['iat', 'nbf']) {
    const fromMs = timeOf(claims[claim]);
    if (claims[claim] !== undefined && fromMs === undefined)
      return { problem: `the claim ${claim} is no time` };
    if (fromMs !== undefined && fromMs > rules.nowMs + rules.skewMs)
      return { problem: `it is from the future (${claim})` };
  }
  if (rules.issuer !== undefined && claims['iss'] !== rules.issuer)
    return { problem: 'another issuer' };
  const { audiences } = rules;
  if (audiences !== undefined && !textsOf(claims['aud']).some((one) => audiences.includes(one)))
    return { problem: 'another audience' };
  const scope = textsOf(claims[rules.scopeClaim]).flatMap((text) => text.split(/\s+/));
  const missing = (rules.requiredScope ?? []).find((wanted) => !scope.includes(wanted));
  if (missing !== undefined) return { problem: `the scope ${missing} is missing` };
  return { name, expiresAtMs };
}

/** The keys of a JWKS by their id; those that are for something else, or not understood, are left out. */
export function parseJwks(text: string): ReadonlyMap<string, JwksKey> | TokenProblem {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { problem: 'no JSON' };
  }
  if (!isRecord(document) || !Array.isArray(document['keys']))
    return { problem: 'no list of keys' };
  const keys = new Map<string, JwksKey>();
  for (const [index, jwk] of document['keys'].entries()) {
    if (!isRecord(jwk) || (jwk['use'] !== undefined && jwk['use'] !== 'sig')) continue;
    try {
      const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
      const id = typeof jwk['kid'] === 'string' ? jwk['kid'] : `#${index}`;
      keys.set(id, { key, algorithm: typeof jwk['alg'] === 'string' ? jwk['alg'] : undefined });
    } catch {
      continue; // of a kind that this version of OpenSSL has not
    }
  }
  return keys.size === 0 ? { problem: 'no key that can be used' } : keys;
}

export interface JwksKey {
  readonly key: KeyObject;
  readonly algorithm: string | undefined;
}

function jsonObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined; // a client may send anything
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** NumericDate: seconds since 1970, with fractions. */
function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value * 1000 : undefined;
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
