import { readFileSync } from 'node:fs';
import { MillraceError } from '@millrace/foundation';
import type { RegistryTls } from './http-transport.ts';

const PREFIX = 'schema.registry.ssl.';

/**
 * Trust and key of the registry's client by Kafka's keys under `schema.registry.ssl.`: PEM in files or inline, and
 * PKCS12 key stores. Undefined when there are none.
 * @throws MillraceError `registry.bad_tls`
 */
export function readTls(raw: Readonly<Record<string, string>>): RegistryTls | undefined {
  const own = Object.entries(raw).filter(([key]) => key.startsWith(PREFIX));
  if (own.length === 0) return undefined;
  const value = (name: string): string | undefined => raw[PREFIX + name];
  const checksHostName = (value('endpoint.identification.algorithm') ?? 'https') !== '';
  return { ...trustOf(value), ...keyOf(value), checksHostName };
}

type Lookup = (name: string) => string | undefined;

function trustOf(value: Lookup): Partial<RegistryTls> {
  const inline = value('truststore.certificates');
  if (inline !== undefined) return { ca: pemOf(inline) };
  const location = value('truststore.location');
  if (location === undefined || location === '') return {};
  if (!isPem(value('truststore.type')))
    throw badTls(`${PREFIX}truststore.type`, 'a trust store must be of type PEM');
  return { ca: read(`${PREFIX}truststore.location`, location) };
}

function keyOf(value: Lookup): Partial<RegistryTls> {
  const passphrase = value('key.password') ?? value('keystore.password');
  const secret = passphrase === undefined ? {} : { passphrase };
  const key = value('keystore.key');
  const chain = value('keystore.certificate.chain');
  if (key !== undefined && chain !== undefined)
    return { key: pemOf(key), cert: pemOf(chain), ...secret };
  const location = value('keystore.location');
  if (location === undefined || location === '') return {};
  const content = read(`${PREFIX}keystore.location`, location);
  if (value('keystore.type')?.toUpperCase() === 'PKCS12') return { pfx: content, ...secret };
  if (!isPem(value('keystore.type')))
    throw badTls(`${PREFIX}keystore.type`, 'a key store must be of type PEM or PKCS12');
  return { key: content, cert: content, ...secret };
}

function isPem(type: string | undefined): boolean {
  return type?.toUpperCase() === 'PEM';
}

/** In properties files a PEM is often one line. */
function pemOf(text: string): string {
  return text.replaceAll('\\n', '\n');
}

function read(key: string, location: string): Buffer {
  try {
    return readFileSync(location);
  } catch (error) {
    throw badTls(key, 'the file can not be read', error);
  }
}

/** The keys under `schema.registry.ssl.` can't be used as they are. */
function badTls(key: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'registry.bad_tls',
    retry: 'fatal',
    message: `invalid value for configuration ${key}: ${reason}`,
    hint: 'convert the store to PEM, for instance with openssl pkcs12',
    cause,
  });
}
