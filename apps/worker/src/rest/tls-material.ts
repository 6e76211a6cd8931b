import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';

type FlatConfig = Readonly<Record<string, string>>;

/** The keys that are looked at, after their prefix. */
const KEYS = [
  'ssl.keystore.type',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.key',
  'ssl.keystore.certificate.chain',
  'ssl.key.password',
  'ssl.truststore.type',
  'ssl.truststore.location',
  'ssl.truststore.certificates',
  'ssl.client.auth',
  'ssl.enabled.protocols',
] as const;
type SslKey = (typeof KEYS)[number];
type SslValues = Readonly<Partial<Record<SslKey, string>>>;

/** Who must show a certificate. */
export type ClientAuth = 'none' | 'requested' | 'required';

export interface TlsSettings {
  readonly options: TlsOptions;
  readonly clientAuth: ClientAuth;
}

/** As Kafka Connect: the keys with the prefix if there is any, else those without, which clients of Kafka have too. */
export function sslValues(config: FlatConfig, prefix: string): SslValues {
  const under = (start: string): SslValues =>
    Object.fromEntries(
      KEYS.flatMap((key) => {
        const value = config[start + key]?.trim();
        return value === undefined || value === '' ? [] : [[key, value]];
      }),
    );
  const own = under(prefix);
  return Object.keys(own).length > 0 ? own : under('');
}

/** @returns what `node:tls` needs, tried once; or what is wrong, which repeats nothing of keys and passwords */
export function tlsSettings(values: SslValues): TlsSettings | { readonly problem: string } {
  const clientAuth = (values['ssl.client.auth'] ?? 'none').toLowerCase();
  if (clientAuth !== 'none' && clientAuth !== 'requested' && clientAuth !== 'required')
    return { problem: 'ssl.client.auth must be none, requested or required' };
  try {
    const material: SecureContextOptions = {
      ...keyMaterial(values),
      ...trustMaterial(values, clientAuth),
      minVersion:
        values['ssl.enabled.protocols']?.includes('TLSv1.2') === false ? 'TLSv1.3' : 'TLSv1.2',
    };
    createSecureContext(material);
    return {
      clientAuth,
      options: {
        ...material,
        requestCert: clientAuth !== 'none',
        rejectUnauthorized: clientAuth === 'required',
      },
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function keyMaterial(values: SslValues): SecureContextOptions {
  const location = values['ssl.keystore.location'];
  const password = values['ssl.key.password'] ?? values['ssl.keystore.password'];
  const isPem =
    values['ssl.keystore.type']?.toUpperCase() === 'PEM' ||
    values['ssl.keystore.key'] !== undefined;
  const passphrase = password === undefined ? {} : { passphrase: password };
  if (!isPem) {
    if (location === undefined)
      throw new Error(
        'https:// needs ssl.keystore.location, or ssl.keystore.type=PEM with ssl.keystore.key and ssl.keystore.certificate.chain',
      );
    const bytes = read('ssl.keystore.location', location);
    if (bytes.includes('-----BEGIN'))
      return { ...pem(bytes.toString(), bytes.toString()), ...passphrase };
    if (bytes.subarray(0, 4).toString('hex') === 'feedfeed')
      throw new Error(
        'ssl.keystore.location is in the old format JKS; keytool -importkeystore -deststoretype pkcs12 makes another of it',
      );
    const store = values['ssl.keystore.password'];
    return { pfx: bytes, ...(store === undefined ? {} : { passphrase: store }) };
  }
  const file =
    location === undefined ? undefined : read('ssl.keystore.location', location).toString();
  const key = values['ssl.keystore.key'] ?? file;
  const chain = values['ssl.keystore.certificate.chain'] ?? file;
  if (key === undefined || chain === undefined)
    throw new Error(
      'ssl.keystore.location, or ssl.keystore.key and ssl.keystore.certificate.chain, must be given',
    );
  return { ...pem(key, chain), ...passphrase };
}

function pem(key: string, chain: string): SecureContextOptions {
  const keyBlock = blocks(key, /PRIVATE KEY$/);
  const cert = blocks(chain, /CERTIFICATE$/);
  if (keyBlock === '' || cert === '')
    throw new Error('the key store has no private key, or no certificate, in PEM');
  return { key: keyBlock, cert };
}

function trustMaterial(values: SslValues, clientAuth: ClientAuth): SecureContextOptions {
  const location = values['ssl.truststore.location'];
  const text =
    values['ssl.truststore.certificates'] ??
    (location === undefined || clientAuth === 'none'
      ? undefined
      : read('ssl.truststore.location', location).toString());
  if (clientAuth === 'none') return {};
  const ca = blocks(text ?? '', /CERTIFICATE$/);
  if (ca === '')
    throw new Error(
      'ssl.client.auth needs ssl.truststore.location or ssl.truststore.certificates, in PEM',
    );
  return { ca };
}

const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

/** The blocks of a kind, with the line breaks that OpenSSL wants: in a properties file they get lost. */
function blocks(text: string, kind: RegExp): string {
  return [...text.matchAll(PEM_BLOCK)]
    .filter(([, name = '']) => kind.test(name))
    .map(([block, name = '', body = '']) => {
      if (block.includes('\n')) return `${block}\n`;
      const lines = body.replaceAll(/\\n|\s/g, '').match(/.{1,64}/g) ?? [];
      return `-----BEGIN ${name}-----\n${lines.join('\n')}\n-----END ${name}-----\n`;
    })
    .join('');
}

function read(key: string, location: string): Buffer {
  try {
    return readFileSync(location);
  } catch (error) {
    const isCoded = typeof error === 'object' && error !== null && 'code' in error;
    const code = isCoded ? String(error.code) : 'unreadable';
    throw new Error(`${key} "${location}" can't be read: ${code}`, { cause: error });
  }
}
