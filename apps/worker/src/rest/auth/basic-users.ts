import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { SecretFile } from './secret-file.ts';

/** A password as it is, or `scrypt:SALT:HASH`, both in base64. */
export type StoredPassword =
  | { readonly kind: 'plain'; readonly digest: Buffer }
  | { readonly kind: 'scrypt'; readonly salt: Buffer; readonly hash: Buffer };

export type Passwords = ReadonlyMap<string, StoredPassword>;

/** What a hash is made with: 16 MiB and some 50 ms on one thread of the pool. */
const SCRYPT = { N: 16_384, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const HASH_BYTES_MIN = 16;
/** Passwords that were right are remembered so long, and so many of them. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_MAX = 1000;
/** Hashes that are computed at once; another one beside them is not let in. */
const COMPUTING_MAX = 64;

/** @throws Error naming the user whose entry is wrong, and nothing of it */
export function parsePasswords(entries: Readonly<Record<string, string>>): Passwords {
  const passwords = new Map<string, StoredPassword>();
  for (const [user, value] of Object.entries(entries)) {
    if (!value.startsWith('scrypt:')) {
      passwords.set(user, { kind: 'plain', digest: digestOf(value) });
      continue;
    }
    const [, salt, hash] = value.split(':').map((part) => Buffer.from(part, 'base64'));
    if (salt === undefined || hash === undefined || hash.length < HASH_BYTES_MIN)
      throw new Error(`the password of "${user}" is not of the form scrypt:SALT:HASH`);
    passwords.set(user, { kind: 'scrypt', salt, hash });
  }
  return passwords;
}

/** `scrypt:SALT:HASH` of a password, for the file. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await computeHash(password, salt, 32);
  return `scrypt:${salt.toString('base64')}:${hash.toString('base64')}`;
}

/** Checks names and passwords in the same time whether the name exists or not. */
export class BasicUsers {
  readonly #file: Pick<SecretFile<Passwords>, 'value'>;
  readonly #now: () => number;
  readonly #remembered = new Map<string, number>();
  readonly #key = randomBytes(32);
  /** One hash for all who ask the same at once: a dashboard opens with many requests. */
  readonly #computing = new Map<string, Promise<boolean>>();

  constructor(file: Pick<SecretFile<Passwords>, 'value'>, now: () => number = Date.now) {
    this.#file = file;
    this.#now = now;
  }

  async isRight(user: string, password: string): Promise<boolean> {
    const passwords = this.#file.value;
    const stored = passwords.get(user) ?? dummyOf(passwords);
    const isKnown = passwords.has(user);
    if (stored.kind === 'plain')
      return timingSafeEqual(stored.digest, digestOf(password)) && isKnown;
    const id = this.#idOf(user, password, stored.hash);
    if (isKnown && (this.#remembered.get(id) ?? 0) > this.#now()) return true;
    const computing = this.#computing.get(id);
    if (computing !== undefined) return computing;
    if (this.#computing.size >= COMPUTING_MAX) return false;
    const isRight = this.#compute(password, stored).then((isSame) => {
      if (isSame && isKnown) this.#remember(id);
      return isSame && isKnown;
    });
    this.#computing.set(id, isRight);
    try {
      return await isRight;
    } finally {
      this.#computing.delete(id);
    }
  }

  async #compute(
    password: string,
    { salt, hash }: Extract<StoredPassword, { kind: 'scrypt' }>,
  ): Promise<boolean> {
    return timingSafeEqual(await computeHash(password, salt, hash.length), hash);
  }

  /** Of this process alone: a dump of its memory shows no password. */
  #idOf(user: string, password: string, hash: Buffer): string {
    const hmac = createHmac('sha256', this.#key).update(hash);
    return hmac.update(JSON.stringify([user, password])).digest('base64');
  }

  #remember(id: string): void {
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(id, this.#now() + REMEMBERED_MS);
  }
}

/** Of the same kind as the first one, so that an unknown name takes as long. */
function dummyOf(passwords: Passwords): StoredPassword {
  const [first] = passwords.values();
  return first?.kind === 'scrypt'
    ? { kind: 'scrypt', salt: Buffer.alloc(16), hash: Buffer.alloc(first.hash.length) }
    : { kind: 'plain', digest: digestOf('') };
}

function digestOf(password: string): Buffer {
  return createHash('sha256').update(password).digest();
}

function computeHash(password: string, salt: Buffer, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, SCRYPT, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}
