import type { Logger, Random } from '@millrace/foundation';
import { invalidSettings } from '../errors.ts';
import type { MetadataLog } from '../metadata/metadata-log.ts';
import { scramKey, type UserScramCredentialRecord } from '../metadata/security-image.ts';
import {
  isScramMechanism,
  ITERATIONS_MAX,
  ITERATIONS_MIN,
  newCredential,
  scramMechanismNumber,
  type ScramCredential,
  type ScramMechanism,
} from './scram-credentials.ts';

const KEY = 'sasl.scram.bootstrap.users';
const USER = /^\s*(SCRAM-SHA-(?:256|512))\s*=\s*\[(.*)\]\s*$/;

interface BootstrapUser {
  readonly mechanism: ScramMechanism;
  readonly name: string;
  readonly password: string;
  readonly iterations: number;
}

/** Makes the users of `sasl.scram.bootstrap.users` that do not exist: how the first one comes into being. */
export async function ensureScramUsers(
  text: string | null,
  metadata: MetadataLog,
  { random, log }: { readonly random: Random; readonly log: Logger },
): Promise<void> {
  for (const user of parseBootstrapUsers(text ?? '')) {
    const { mechanism, name, password, iterations } = user;
    const key = scramKey(scramMechanismNumber(mechanism), name);
    if (metadata.image.security.scramCredentials.has(key)) continue;
    const randomBytes = (count: number): Uint8Array => random.nextBytes(count);
    const credential = await newCredential(mechanism, password, iterations, randomBytes);
    await metadata.change((image) =>
      image.security.scramCredentials.has(key) ? [] : [scramRecord(mechanism, name, credential)],
    );
    log.info({ user: name, mechanism }, 'a SCRAM user was made, since it did not exist');
  }
}

export function scramRecord(
  mechanism: ScramMechanism,
  name: string,
  credential: ScramCredential,
): UserScramCredentialRecord {
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    kind: 'user-scram-credential',
    name,
    mechanism: scramMechanismNumber(mechanism),
    salt: base64(credential.salt),
    storedKey: base64(credential.storedKey),
    serverKey: base64(credential.serverKey),
    iterations: credential.iterations,
  };
}

/** `SCRAM-SHA-256=[name=alice,iterations=8192,password=secret]`, several with semicolons after a bracket. */
export function parseBootstrapUsers(text: string): readonly BootstrapUser[] {
  if (text.trim() === '') return [];
  return text
    .replace(/;\s*$/, '')
    .split(/(?<=\])\s*;/)
    .map((entry, index) => parseUser(entry, index + 1));
}

function parseUser(entry: string, position: number): BootstrapUser {
  // What is wrong is said without the text, since it holds a password.
  const where = `${KEY}: user ${position}`;
  const [, mechanism = '', body = ''] = USER.exec(entry) ?? [];
  if (!isScramMechanism(mechanism))
    throw invalidSettings([
      `${where} must be written as SCRAM-SHA-256=[name=alice,password=secret]`,
    ]);
  // Everything after password= is the password, commas too.
  const [before = '', password = ''] = body.split(/(?:^|,)\s*password=(.*)$/s);
  const fields = new Map(
    before.split(',').map((part): [string, string] => {
      const [key = '', ...value] = part.split('=');
      return [key.trim(), value.join('=').trim()];
    }),
  );
  const name = fields.get('name') ?? '';
  const iterations = Number(fields.get('iterations') ?? ITERATIONS_MIN);
  if (name === '' || unquoted(password) === '')
    throw invalidSettings([`${where} must have a name, and a password as the last of its fields`]);
  if (!Number.isInteger(iterations) || iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX)
    throw invalidSettings([`${where} must have ${ITERATIONS_MIN} to ${ITERATIONS_MAX} iterations`]);
  return { mechanism, name: unquoted(name), password: unquoted(password), iterations };
}

function unquoted(text: string): string {
  return text.replace(/^"(.*)"$/s, '$1');
}
