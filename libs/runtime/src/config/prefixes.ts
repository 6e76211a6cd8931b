import type { ComponentConfig } from '@millrace/connector-api';

/** The entries whose keys start with `prefix`, without it. */
export function withoutPrefix(config: ComponentConfig, prefix: string): Record<string, string> {
  const stripped: Record<string, string> = {};
  for (const [key, value] of Object.entries(config))
    if (key.startsWith(prefix)) stripped[key.slice(prefix.length)] = value;
  return stripped;
}

/** A comma separated list, without empty entries. */
export function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
