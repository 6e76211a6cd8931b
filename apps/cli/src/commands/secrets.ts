import { HIDDEN } from '@millrace/config';
import type { ConfigKeyInfo } from '@millrace/runtime';
import type { RestClient } from '../rest-client.ts';

type Config = Readonly<Record<string, string>>;

/** Keys that nobody declared, by their likeness; the same as in the worker's answers. */
const SECRET_KEY = /password|secret|credential|token|jaas|private\.key|apikey|api\.key/i;
/** A value that is nothing but placeholders tells no secret, and is what a reader wants to see. */
const ONLY_PLACEHOLDERS = /^\s*(?:\$\{[^}:]+:[^}]+\}\s*)+$/;

/** The keys of a configuration whose values are not shown: those that its plugin declares, and those that look like it. */
export async function secretKeysOf(rest: RestClient, config: Config): Promise<ReadonlySet<string>> {
  const plugin = config['connector.class'] ?? '';
  // Without an answer, likeness alone decides: a plugin that is not there, or a worker before Connect 3.2.
  const fields = await rest
    .ask<readonly ConfigKeyInfo[]>('GET', `/connector-plugins/${encodeURIComponent(plugin)}/config`)
    .catch(() => []);
  const passwords = fields.filter(({ type }) => type === 'PASSWORD').map(({ name }) => name);
  const alike = Object.keys(config).filter((key) => SECRET_KEY.test(key));
  return new Set([...passwords, ...alike]);
}

export function maskSecret(value: string): string {
  return ONLY_PLACEHOLDERS.test(value) ? value : HIDDEN;
}

export function maskSecrets(config: Config, secrets: ReadonlySet<string>): Config {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      secrets.has(key) ? maskSecret(value) : maskUrl(value),
    ]),
  );
}

/** `jdbc:postgresql://user:password@host/…` and `?password=…`: the password of an address. */
export function maskUrl(value: string): string {
  return value
    .replace(/(:\/\/[^\s:/@?#]*:)[^\s@/?#]+(@)/g, `$1${HIDDEN}$2`)
    .replace(/([?&;](?:password|pwd|secret|token)=)[^&;\s]+/gi, `$1${HIDDEN}`);
}
