import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Random } from '@millrace/foundation';
import { authenticationFailed } from './errors.ts';
import type { PasswordOptions, SaslExchange } from './sasl.ts';

const derive = promisify(pbkdf2);
/** As Kafka's brokers demand of themselves; fewer would make the password cheap to guess. */
const ITERATIONS_MIN = 4_096;
/** INV-6: a hostile server could ask for hours of hashing. */
const ITERATIONS_MAX = 1_000_000;
const NONCE_BYTES = 24;

/** RFC 5802 without channel binding. */
export async function authenticateScram(
  sasl: PasswordOptions,
  random: Random,
  exchange: SaslExchange,
): Promise<void> {
  const hash = sasl.mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
  const nonce = Buffer.from(random.nextBytes(NONCE_BYTES)).toString('base64');
  const clientFirstBare = `n=${saslName(sasl.username)},r=${nonce}`;
  const serverFirst = text(await exchange(utf8(`n,,${clientFirstBare}`)));

  const fields = attributes(serverFirst);
  const serverNonce = fields.get('r') ?? '';
  const salt = Buffer.from(fields.get('s') ?? '', 'base64');
  const iterations = Number(fields.get('i'));
  if (!serverNonce.startsWith(nonce) || serverNonce.length === nonce.length) {
    throw authenticationFailed(sasl.mechanism, 'the server answered with a nonce that is not ours');
  }
  if (!(iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX)) {
    throw authenticationFailed(
      sasl.mechanism,
      `the server asks for "${fields.get('i') ?? ''}" iterations, expected ${ITERATIONS_MIN} to ${ITERATIONS_MAX}`,
    );
  }

  const saltedPassword = await derive(
    sasl.password.normalize('NFKC'),
    salt,
    iterations,
    createHash(hash).digest().byteLength,
    hash,
  );
  const hmac = (key: Uint8Array, message: string): Buffer =>
    createHmac(hash, key).update(message).digest();
  const clientKey = hmac(saltedPassword, 'Client Key');
  const storedKey = createHash(hash).update(clientKey).digest();
  const withoutProof = `c=biws,r=${serverNonce}`;
  const authMessage = `${clientFirstBare},${serverFirst},${withoutProof}`;
  const signature = hmac(storedKey, authMessage);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  const serverFinal = attributes(
    text(await exchange(utf8(`${withoutProof},p=${proof.toString('base64')}`))),
  );

  const problem = serverFinal.get('e');
  if (problem !== undefined) throw authenticationFailed(sasl.mechanism, problem);
  const expected = hmac(hmac(saltedPassword, 'Server Key'), authMessage);
  const verifier = Buffer.from(serverFinal.get('v') ?? '', 'base64');
  if (verifier.byteLength !== expected.byteLength || !timingSafeEqual(verifier, expected)) {
    throw authenticationFailed(
      sasl.mechanism,
      'the server could not prove that it knows the password',
    );
  }
}

function attributes(message: string): ReadonlyMap<string, string> {
  return new Map(
    message.split(',').map((part): [string, string] => [part.slice(0, 1), part.slice(2)]),
  );
}

function saslName(name: string): string {
  return name.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C');
}

function utf8(value: string): Uint8Array {
  return Buffer.from(value, 'utf8');
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
