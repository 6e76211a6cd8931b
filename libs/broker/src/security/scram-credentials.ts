import { createHash, createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';

export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** What the broker keeps of a password (RFC 5802): enough to check it, not enough to log in with. */
export interface ScramCredential {
  readonly salt: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  readonly iterations: number;
}

/** Kafka's bounds. */
export const ITERATIONS_MIN = 4096;
export const ITERATIONS_MAX = 16_384;

const SALT_BYTES = 24;
const derive = promisify(pbkdf2);

export function hashOf(mechanism: ScramMechanism): 'sha256' | 'sha512' {
  return mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512';
}

export function hashBytes(mechanism: ScramMechanism): number {
  return mechanism === 'SCRAM-SHA-256' ? 32 : 64;
}

export function isScramMechanism(name: string): name is ScramMechanism {
  return name === 'SCRAM-SHA-256' || name === 'SCRAM-SHA-512';
}

/** Kafka's numbers on the wire and in the metadata log; undefined for others. */
export function scramMechanismByNumber(mechanism: number): ScramMechanism | undefined {
  if (mechanism === 1) return 'SCRAM-SHA-256';
  return mechanism === 2 ? 'SCRAM-SHA-512' : undefined;
}

export function scramMechanismNumber(mechanism: ScramMechanism): number {
  return mechanism === 'SCRAM-SHA-256' ? 1 : 2;
}

/** From a salted password, which is all that a client sends to set one. */
export function credentialOf(
  mechanism: ScramMechanism,
  saltedPassword: Uint8Array,
  salt: Uint8Array,
  iterations: number,
): ScramCredential {
  const hash = hashOf(mechanism);
  const clientKey = createHmac(hash, saltedPassword).update('Client Key').digest();
  return {
    salt: salt.slice(),
    storedKey: createHash(hash).update(clientKey).digest(),
    serverKey: createHmac(hash, saltedPassword).update('Server Key').digest(),
    iterations,
  };
}

export async function newCredential(
  mechanism: ScramMechanism,
  password: string,
  iterations: number,
  randomBytes: (count: number) => Uint8Array,
): Promise<ScramCredential> {
  const salt = randomBytes(SALT_BYTES);
  const salted = await derive(
    password.normalize('NFKC'),
    salt,
    iterations,
    hashBytes(mechanism),
    hashOf(mechanism),
  );
  return credentialOf(mechanism, salted, salt, iterations);
}
