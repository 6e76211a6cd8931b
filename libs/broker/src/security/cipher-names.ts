import { getCiphers } from 'node:tls';

/** OpenSSL's name of a cipher suite that Java and Kafka call by its IANA name; undefined when there is none. */
export function opensslCipherName(name: string): string | undefined {
  const known = new Set(getCiphers());
  const candidates = [name, fromIana(name)];
  return candidates.find((candidate) => known.has(candidate.toLowerCase()));
}

/** TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 is ECDHE-RSA-AES256-GCM-SHA384; those of TLS 1.3 have one name. */
function fromIana(name: string): string {
  const [exchange = '', cipher] = name.replace(/^TLS_/, '').split('_WITH_');
  if (cipher === undefined) return name;
  const short = cipher
    .replace(/^(AES|ARIA|CAMELLIA)_(\d+)_/, '$1$2_')
    .replace(/_CBC_/, '_')
    .replace(/CHACHA20_POLY1305_SHA256/, 'CHACHA20_POLY1305')
    .replaceAll('_', '-');
  const prefix = exchange === 'RSA' ? '' : `${exchange.replaceAll('_', '-')}-`;
  return prefix + short;
}
