import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { javaKeyStores } from '@millrace/testkit';
import { keyPairOf, KeyStoreReader, type KeyStore } from '../src/key-store.ts';

const { storePassword, keyPassword, trustPassword } = javaKeyStores;
const KEYS = { password: 'ssl.keystore.password', keyPassword: 'ssl.key.password' };

function read(bytes: Buffer, store?: string, key?: string): KeyStore | { problem: string } {
  return new KeyStoreReader().read(bytes, { store, key }, KEYS);
}

function opened(bytes: Buffer, store?: string, key?: string): KeyStore {
  const found = read(bytes, store, key);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

test.each([
  ['JKS with a password of the key', javaKeyStores.jks, keyPassword],
  ['PKCS12', javaKeyStores.pkcs12, undefined],
  ['PKCS12 of Java 8', javaKeyStores.legacyPkcs12, undefined],
])('a key and its certificate come out of %s', (_, bytes, key) => {
  const pair = keyPairOf(opened(bytes, storePassword, key));
  const certificate = new X509Certificate(pair?.cert ?? '');
  expect(certificate.subject).toContain('CN=localhost');
  expect(certificate.checkPrivateKey(createPrivateKey(pair?.key ?? ''))).toBe(true);
});

test.each([
  ['JKS', javaKeyStores.jksTrust, trustPassword],
  ['JKS without a password, which Java opens for trust', javaKeyStores.jksTrust, undefined],
  ['PKCS12', javaKeyStores.pkcs12Trust, trustPassword],
])('certificates to trust come out of %s, and a key store has none', (_, bytes, password) => {
  const { trusted, privateKeys } = opened(bytes, password);
  expect(trusted.map((pem) => new X509Certificate(pem).subject)).toEqual([
    expect.stringContaining('CN=localhost'),
  ]);
  expect(privateKeys).toEqual([]);
  expect(opened(javaKeyStores.pkcs12, storePassword).trusted).toEqual([]);
});

test.each([
  [javaKeyStores.jks, 'wrong', undefined, 'ssl.keystore.password is not its password'],
  [javaKeyStores.pkcs12, 'wrong', undefined, 'ssl.keystore.password is not its password'],
  [javaKeyStores.pkcs12, undefined, undefined, 'it needs a password: set ssl.keystore.password'],
  [javaKeyStores.jks, storePassword, undefined, 'has another password: set ssl.key.password'],
  [
    javaKeyStores.jks,
    storePassword,
    'wrong',
    'ssl.key.password is not the password of its private',
  ],
  [Buffer.from('-----BEGIN CERTIFICATE-----\n'), undefined, undefined, 'set the type to PEM'],
  [Buffer.from('cececece00', 'hex'), undefined, undefined, 'keytool -importkeystore'],
  [Buffer.from('hello'), 'x', undefined, 'neither a Java key store (JKS) nor PKCS12'],
  [Buffer.alloc(0), 'x', undefined, 'neither a Java key store (JKS) nor PKCS12'],
])('what is wrong says what to do, without a secret', (bytes, store, key, words) => {
  expect(read(bytes, store, key)).toEqual({ problem: expect.stringContaining(words) });
});

test.each(['jks', 'pkcs12', 'legacyPkcs12', 'jksTrust', 'pkcs12Trust'] as const)(
  'a damaged %s is a problem and nothing worse, wherever it was cut',
  (name) => {
    const whole = javaKeyStores[name];
    for (let length = 0; length < whole.byteLength; length += 53) {
      expect(read(whole.subarray(0, length), storePassword, keyPassword)).toHaveProperty('problem');
    }
  },
);

test('a store that was opened is not opened again, nor under another password', () => {
  const reader = new KeyStoreReader();
  const first = reader.read(javaKeyStores.pkcs12, { store: storePassword }, KEYS);
  expect(reader.read(Buffer.from(javaKeyStores.pkcs12), { store: storePassword }, KEYS)).toBe(
    first,
  );
  expect(reader.read(javaKeyStores.pkcs12, { store: 'other' }, KEYS)).toHaveProperty('problem');
});
