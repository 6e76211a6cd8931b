import { isSecretName } from '@millrace/config';

/** Shorter values would hide half of every message, and protect nothing. */
const SECRET_LENGTH_MIN = 4;
/** `password="…"` of a login module, also without the quotes. */
const JAAS_OPTION = /([\w.]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g;
/** What a key such as `basic.auth.user.info` holds. */
const USER_AND_PASSWORD = /^[^\s:/]+:(\S+)$/;
const URL_PASSWORD = /:\/\/[^\s:/@?#]*:([^\s@/?#]+)@/g;
const QUERY_SECRET = /[?&;](?:password|pwd|secret|token)=([^&;\s]+)/gi;

/** A secret, what of it may be said alone, and how either looks inside of JSON, an address or a header. */
export function formsOf(secret: string): readonly string[] {
  const parts = [secret, secret.trim(), ...linesOf(secret), ...jaasOptions(secret)];
  const [, password] = USER_AND_PASSWORD.exec(secret) ?? [];
  if (password !== undefined) parts.push(password, base64(secret));
  return longEnough(parts.flatMap(encoded));
}

/** The passwords in the address of a key that is no secret itself. */
export function secretsInAddress(value: string): readonly string[] {
  const found = [URL_PASSWORD, QUERY_SECRET].flatMap((pattern) =>
    [...value.matchAll(pattern)].map(([, secret = '']) => secret),
  );
  return longEnough(found.flatMap(encoded));
}

function linesOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/);
  return lines.length > 1 ? lines.map((line) => line.trim()) : [];
}

function jaasOptions(secret: string): readonly string[] {
  return [...secret.matchAll(JAAS_OPTION)].flatMap(([, name = '', quoted, plain]) =>
    isSecretName(name) ? [quoted ?? plain ?? ''] : [],
  );
}

function encoded(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  return [text, json, JSON.stringify(json).slice(1, -1), percentEncoded(text)];
}

function percentEncoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function longEnough(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => text.length >= SECRET_LENGTH_MIN);
}
