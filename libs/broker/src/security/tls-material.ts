import { constants } from 'node:crypto';
import type { SecureContextOptions, SecureVersion, TlsOptions } from 'node:tls';
import { createSecureContext } from 'node:tls';
import {
  keyPairOf,
  type KeyStore,
  type KeyStoreKeys,
  type KeyStorePasswords,
  type KeyStoreReader,
} from '@millrace/kafka-client';
import type { Disk } from '@millrace/log';
import { unusableTls } from '../errors.ts';
import type { ListenerSettings, ListenerValues } from '../network/listeners.ts';
import { opensslCipherName } from './cipher-names.ts';

const PEM_BLOCK = /(-----BEGIN ([A-Z0-9 ]+)-----)([\s\S]*?)(-----END \2-----)/g;
const PEM_CERTIFICATE = '-----BEGIN CERTIFICATE-----';
const BASE64_COLUMNS = 64;
const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

export interface TlsPorts {
  readonly disk: Disk;
  readonly stores: KeyStoreReader;
}

/**
 * What `node:tls` needs for a listener, checked by using it once.
 * @throws broker.unusable_tls, which repeats nothing of keys and passwords
 */
export async function tlsMaterial(
  { name, values }: ListenerSettings,
  ports: TlsPorts,
): Promise<SecureContextOptions> {
  const material: SecureContextOptions = {
    ...(await keyMaterial(name, values, ports)),
    ...(await trustMaterial(name, values, ports)),
    ...protocolOptions(name, values),
  };
  try {
    createSecureContext(material);
  } catch (error) {
    throw unusableTls(name, reasonOf(error));
  }
  return material;
}

export function clientAuthOptions(values: ListenerValues): TlsOptions {
  const mode = values['ssl.client.auth'];
  if (mode === 'none') return { requestCert: false, rejectUnauthorized: false };
  // A resumed session shows no chain of certificates, and would outlive a change of the trust store.
  const secureOptions = constants.SSL_OP_NO_TICKET;
  return { requestCert: true, rejectUnauthorized: mode === 'required', secureOptions };
}

async function keyMaterial(
  name: string,
  values: ListenerValues,
  ports: TlsPorts,
): Promise<SecureContextOptions> {
  const location = values['ssl.keystore.location'];
  if (values['ssl.keystore.type'] === 'PEM') {
    const file = location === null ? undefined : await readPem(name, location, ports.disk);
    const key = values['ssl.keystore.key'] ?? file;
    const cert = values['ssl.keystore.certificate.chain'] ?? file;
    if (key === undefined || cert === undefined)
      throw unusableTls(
        name,
        'ssl.keystore.location, or ssl.keystore.key and ssl.keystore.certificate.chain, must be given',
      );
    const keyBlock = blocks(key, (kind) => kind.endsWith('PRIVATE KEY'));
    const certBlocks = blocks(cert, (kind) => kind.endsWith('CERTIFICATE'));
    // Without them OpenSSL would take the context, and refuse every client.
    if (keyBlock === '' || certBlocks === '')
      throw unusableTls(name, 'the key store has no private key, or no certificate, in PEM');
    return {
      key: keyBlock,
      cert: certBlocks,
      ...(values['ssl.key.password'] === null ? {} : { passphrase: values['ssl.key.password'] }),
    };
  }
  if (location === null)
    throw unusableTls(name, 'ssl.keystore.location must be given, or ssl.keystore.type=PEM');
  const password = values['ssl.keystore.password'];
  const file = await readFile(name, location, ports.disk);
  const store = storeOf(name, location, file, values['ssl.keystore.type'], ports, {
    passwords: { store: password ?? undefined, key: values['ssl.key.password'] ?? undefined },
    keys: { password: 'ssl.keystore.password', keyPassword: 'ssl.key.password' },
  });
  const pair = keyPairOf(store);
  if (pair === undefined)
    throw unusableTls(name, `"${location}" has no private key with its certificate`);
  return { ...pair };
}

async function trustMaterial(
  name: string,
  values: ListenerValues,
  ports: TlsPorts,
): Promise<SecureContextOptions> {
  const inline = values['ssl.truststore.certificates'];
  const location = values['ssl.truststore.location'];
  if (inline === null && location === null) {
    if (values['ssl.client.auth'] === 'none') return {};
    throw unusableTls(name, 'ssl.client.auth needs ssl.truststore.location or .certificates');
  }
  const type = values['ssl.truststore.type'];
  const file = inline === null ? await readFile(name, location ?? '', ports.disk) : undefined;
  // PEM under the type that nobody has set is taken, too.
  if (file !== undefined && type !== 'PEM' && !file.includes(PEM_CERTIFICATE)) {
    const password = values['ssl.truststore.password'];
    const { trusted } = storeOf(name, location ?? '', file, type, ports, {
      passwords: { store: password ?? undefined },
      keys: { password: 'ssl.truststore.password', keyPassword: 'ssl.truststore.password' },
    });
    if (trusted.length === 0)
      throw unusableTls(name, `"${location}" has no certificate that is to be trusted`);
    return { ca: trusted.map((pem) => `${pem}\n`).join('') };
  }
  const text = inline ?? file?.toString('utf8') ?? '';
  const ca = blocks(text, (kind) => kind.endsWith('CERTIFICATE'));
  if (ca === '')
    throw unusableTls(
      name,
      'the trust store has no certificate in PEM; ssl.truststore.type=PEM is read',
    );
  return { ca };
}

function protocolOptions(name: string, values: ListenerValues): SecureContextOptions {
  const wanted = VERSIONS.filter((version) => values['ssl.enabled.protocols'].includes(version));
  const [minVersion] = wanted;
  const maxVersion = wanted.at(-1);
  if (minVersion === undefined || maxVersion === undefined)
    throw unusableTls(name, 'ssl.enabled.protocols must name TLSv1.2 or TLSv1.3');
  const suites = values['ssl.cipher.suites'] ?? [];
  const ciphers = suites.map((suite) => {
    const known = opensslCipherName(suite);
    if (known === undefined) throw unusableTls(name, `the cipher suite "${suite}" is not known`);
    return known;
  });
  return {
    minVersion,
    maxVersion,
    ...(ciphers.length === 0 ? {} : { ciphers: ciphers.join(':') }),
  };
}

/** The blocks of a kind, with the line breaks that OpenSSL wants; in a properties file they get lost. */
function blocks(text: string, isWanted: (kind: string) => boolean): string {
  const found: string[] = [];
  for (const [, begin = '', kind = '', body = '', end = ''] of text.matchAll(PEM_BLOCK)) {
    if (!isWanted(kind)) continue;
    if (body.includes(':')) found.push(`${begin}${body}${end}\n`);
    else {
      const base64 = body.replace(/\\n|\s/g, '');
      const lines = base64.match(new RegExp(`.{1,${BASE64_COLUMNS}}`, 'g')) ?? [];
      found.push(`${[begin, ...lines, end].join('\n')}\n`);
    }
  }
  return found.join('');
}

function storeOf(
  name: string,
  path: string,
  file: Buffer,
  type: string,
  { stores }: TlsPorts,
  { passwords, keys }: { readonly passwords: KeyStorePasswords; readonly keys: KeyStoreKeys },
): KeyStore {
  const store = stores.read(file, passwords, keys);
  if ('problem' in store)
    throw unusableTls(name, `"${path}" (${type}) can't be used: ${store.problem}`);
  return store;
}

async function readPem(name: string, path: string, disk: Disk): Promise<string> {
  return (await readFile(name, path, disk)).toString('utf8');
}

async function readFile(name: string, path: string, disk: Disk): Promise<Buffer> {
  const bytes = await disk.readWhole(path).catch((error: unknown) => {
    throw unusableTls(name, `"${path}" can't be read`, error);
  });
  if (bytes === undefined) throw unusableTls(name, `there is no file "${path}"`);
  return Buffer.from(bytes);
}

/** OpenSSL's words, which hold nothing of the key. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'it is refused';
}
