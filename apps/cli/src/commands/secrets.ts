import { HIDDEN, isSecretName } from '@millrace/config';
import type { ConfigKeyInfo } from '@millrace/runtime';
import type { RestClient } from '../rest-client.ts';

type Config = Readonly<Record<string, string>>;

/** A value that is nothing but placeholders tells no secret, and is what a reader wants to see. */
const ONLY_PLACEHOLDERS = /^\s*(?:\$\{[^}:]+:[^}]+\}\s*)+$/;

/** The keys of a configuration whose values are not shown: those that its plugins declare, and those that look like it. */
export async function secretKeysOf(rest: RestClient, config: Config): Promise<ReadonlySet<string>> {
  const declared = await Promise.all(
    pluginsOf(config).map(async ({ name, prefix }) => {
      const path = `/connector-plugins/${encodeURIComponent(name)}/config`;
      // Without an answer, likeness alone decides: a plugin that is not there, or a worker before Connect 3.2.
      const fields = await rest.ask<readonly ConfigKeyInfo[]>('GET', path).catch(() => []);
      return fields.filter(({ type }) => type === 'PASSWORD').map((field) => prefix + field.name);
    }),
  );
  return new Set([...declared.flat(), ...Object.keys(config).filter(isSecretName)]);
}

/** The connector, its converters, transforms and predicates, and where their keys begin. */
function pluginsOf(config: Config): readonly { readonly name: string; readonly prefix: string }[] {
  return Object.entries(config).flatMap(([key, name]) => {
    if (key === 'connector.class') return [{ name, prefix: '' }];
    if (/^(?:key|value|header)\.converter$/.test(key)) return [{ name, prefix: `${key}.` }];
    return /^(?:transforms|predicates)\.[^.]+\.type$/.test(key)
      ? [{ name, prefix: key.slice(0, -'type'.length) }]
      : [];
  });
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
