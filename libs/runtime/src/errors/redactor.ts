import { HIDDEN, isSecretName, placeholderValues, type Fields } from '@millrace/config';
import type { ComponentConfig } from '@millrace/connector-api';
import { formsOf, secretsInAddress } from './secret-forms.ts';

export type Redact = (text: string) => string;

export interface SecretSource {
  readonly config: ComponentConfig;
  readonly fields: Fields;
  /** The configuration before its placeholders were replaced; absent: there are none. */
  readonly template?: ComponentConfig;
}

/**
 * Hides the values of password fields, of other keys that are called like secrets, and what came from a config provider,
 * wherever they turn up, in whole or the part that is secret.
 */
export function redactorOf(...sources: readonly SecretSource[]): Redact {
  const secrets = new Set(sources.flatMap(secretsOf));
  secrets.delete(HIDDEN);
  for (const value of sources.flatMap(openlyGiven)) secrets.delete(value);
  if (secrets.size === 0) return (text) => text;
  // The longest first, or what is left of it would be told.
  const pattern = [...secrets]
    .sort((left, right) => right.length - left.length)
    .map((secret) => secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('|');
  const anySecret = new RegExp(pattern, 'g');
  return (text) => text.replace(anySecret, HIDDEN);
}

function secretsOf({ config, fields, template = config }: SecretSource): readonly string[] {
  return Object.entries(config).flatMap(([key, value]) => [
    ...(isSecret(key, fields) ? formsOf(value) : secretsInAddress(value)),
    ...placeholderValues(template[key] ?? value, value).flatMap(formsOf),
  ]);
}

/** Whoever takes the user's name for a password must still be told which user may not do what. */
function openlyGiven({ config, fields, template = config }: SecretSource): readonly string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const isDeclared = fields[key] !== undefined && !isSecret(key, fields);
    return isDeclared && template[key] === value ? [value] : [];
  });
}

export function isSecret(key: string, fields: Fields): boolean {
  const field = fields[key];
  return field === undefined ? isSecretName(key) : field.type === 'PASSWORD';
}
