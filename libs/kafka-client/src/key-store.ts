import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { toPem } from 'jks-js';
import PKCS12Parser from 'jks-js/lib/keystore/PKCS12Parser.js';

/** The first bytes of Java's old format, and of its relative with stronger keys. */
const JKS_MAGIC = 'feedfeed';
const JCEKS_MAGIC = 'cececece';
const DER_SEQUENCE = 0x30;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;
/** No chain of certificates is longer. */
const CHAIN_MAX = 10;
/** Stores that were opened stay, since opening one takes a tenth of a second on purpose. */
const KEPT_MAX = 16;

/** Which settings the passwords come from, for what is said of them. */
export interface KeyStoreKeys {
  readonly password: string;
  readonly keyPassword: string;
}

export interface KeyStorePasswords {
  readonly store: string | undefined;
  /** Of the private keys, when it is another one. */
  readonly key?: string | undefined;
}

/** Keys and certificates of a store, as PEM. */
export interface KeyStore {
  readonly privateKeys: readonly string[];
  /** Those of the keys, with their chains. */
  readonly certificates: readonly string[];
  /** Those that were put there to be trusted. */
  readonly trusted: readonly string[];
}

export interface KeyPair {
  readonly key: string;
  /** The own one first. */
  readonly cert: string;
}

/**
 * Reads stores of Java's old format (JKS) and PKCS12, whichever one is: Java, too, reads both under either name. What
 * was opened is kept.
 */
export class KeyStoreReader {
  readonly #kept = new Map<string, KeyStore>();

  /** The problem says what to do, and nothing of passwords and keys. */
  read(
    bytes: Uint8Array,
    passwords: KeyStorePasswords,
    keys: KeyStoreKeys,
  ): KeyStore | { readonly problem: string } {
    const identity = createHash('sha256')
      .update(bytes)
      .update(JSON.stringify([passwords.store, passwords.key]))
      .digest('hex');
    const known = this.#kept.get(identity);
    if (known !== undefined) return known;
    const read = readAnew(Buffer.from(bytes), passwords, keys);
    if ('problem' in read) return read;
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest); // INV-6
    this.#kept.set(identity, read);
    return read;
  }
}

/** The first key that has its certificate beside it, with the chain as far as the store has it. */
export function keyPairOf({ privateKeys, certificates }: KeyStore): KeyPair | undefined {
  for (const key of privateKeys) {
    const cert = chainOf(createPrivateKey(key), certificates);
    if (cert !== undefined) return { key, cert };
  }
  return undefined;
}

function readAnew(
  bytes: Buffer,
  passwords: KeyStorePasswords,
  keys: KeyStoreKeys,
): KeyStore | { readonly problem: string } {
  const magic = bytes.subarray(0, 4).toString('hex');
  if (magic === JCEKS_MAGIC)
    return {
      problem:
        'it is a JCEKS store, which is not read: make PKCS12 of it with keytool -importkeystore',
    };
  if (magic !== JKS_MAGIC && bytes[0] !== DER_SEQUENCE)
    return {
      problem: bytes.includes('-----BEGIN ')
        ? 'it holds PEM: set the type to PEM'
        : 'it is neither a Java key store (JKS) nor PKCS12',
    };
  try {
    return magic === JKS_MAGIC ? readJks(bytes, passwords) : readPkcs12(bytes, passwords);
  } catch (error) {
    return { problem: problemOf(error, passwords, keys) };
  }
}

function readJks(bytes: Buffer, { store, key }: KeyStorePasswords): KeyStore {
  // Without a password nothing proves that the store is whole, and its keys stay shut; Java allows it for trust.
  const entries = Object.values(toPem(bytes, store ?? '', key ?? store ?? ''));
  return {
    privateKeys: entries.flatMap((entry) => entry.key ?? []),
    certificates: entries.flatMap(({ cert }) => certificatesIn(cert)),
    trusted: entries.flatMap(({ ca }) => certificatesIn(ca)),
  };
}

function readPkcs12(bytes: Buffer, { store }: KeyStorePasswords): KeyStore {
  const parser = new PKCS12Parser(bytes, store ?? '');
  // Each under a name of its own: many have none, and those of a chain share one.
  const bags = parser.parse().map((bag, index) => ({
    ...bag,
    attributes: { ...bag.attributes, friendlyName: [String(index)] },
  }));
  const entries = Object.values(parser.toPem(bags));
  const privateKeys = entries.flatMap(({ key }) => key ?? []);
  const all = entries.flatMap(({ cert, ca }) => certificatesIn(cert ?? ca));
  const ofKeys = new Set(
    privateKeys.flatMap((key) => certificatesIn(chainOf(createPrivateKey(key), all))),
  );
  return { privateKeys, certificates: all, trusted: all.filter((one) => !ofKeys.has(one)) };
}

function problemOf(error: unknown, { store, key }: KeyStorePasswords, keys: KeyStoreKeys): string {
  const said = error instanceof Error ? error.message : '';
  if (said.includes('Cannot recover key'))
    return key === undefined
      ? `its private key has another password: set ${keys.keyPassword}`
      : `${keys.keyPassword} is not the password of its private key`;
  // The last is what a PKCS12 store without a check of its own comes to.
  if (/password|MAC could not|cannot read encrypted|decrypt/i.test(said))
    return store === undefined
      ? `it needs a password: set ${keys.password}`
      : `${keys.password} is not its password`;
  return 'it is damaged, or made in a way that is not known here';
}

function chainOf(key: KeyObject, certificates: readonly string[]): string | undefined {
  const all = certificates.map((pem) => ({ pem, certificate: new X509Certificate(pem) }));
  let current = all.find(({ certificate }) => certificate.checkPrivateKey(key));
  if (current === undefined) return undefined;
  const chain = [current];
  for (let length = 1; length < CHAIN_MAX; length += 1) {
    const { certificate }: { certificate: X509Certificate } = current;
    current = all.find(
      (other) => !chain.includes(other) && certificate.checkIssued(other.certificate),
    );
    if (current === undefined) break;
    chain.push(current);
  }
  return chain.map(({ pem }) => `${pem}\n`).join('');
}

function certificatesIn(text: string | undefined): readonly string[] {
  return text?.match(CERTIFICATE) ?? [];
}
