import type { ConfigProvider } from './config-provider.ts';

/** `${provider:[path:]key}`, as Kafka reads it: the key may contain colons, the path may not. */
const PLACEHOLDER = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g;

type Config = Readonly<Record<string, string>>;

export interface Placeholder {
  /** As it is written. */
  readonly text: string;
  readonly provider: string;
  readonly path: string;
  readonly key: string;
}

/** What a value asks config providers for. */
export function placeholdersIn(value: string): readonly Placeholder[] {
  return [...value.matchAll(PLACEHOLDER)].map(([text, provider = '', path = '', key = '']) => ({
    text,
    provider,
    path,
    key,
  }));
}

/** Such a value tells no secret by itself. */
export function isOnlyPlaceholders(value: string): boolean {
  return value.trim() !== '' && value.replace(PLACEHOLDER, '').trim() === '';
}

export interface ResolvedPlaceholders {
  readonly config: Config;
  /** When the first of the values is to be asked for again; undefined: never. */
  readonly ttlMs?: number | undefined;
}

/**
 * The configuration with its placeholders replaced. What an unknown provider should give, or a key that a provider does
 * not have, stays as it is. Each path is asked for once.
 * @throws MillraceError of a provider
 */
export async function resolvePlaceholders(
  config: Config,
  providers: ReadonlyMap<string, ConfigProvider>,
): Promise<ResolvedPlaceholders> {
  const wanted = new Map<string, Map<string, Set<string>>>();
  for (const value of Object.values(config)) {
    for (const [, provider = '', path = '', key = ''] of value.matchAll(PLACEHOLDER)) {
      if (!providers.has(provider)) continue;
      const paths = wanted.get(provider) ?? new Map<string, Set<string>>();
      wanted.set(provider, paths);
      paths.set(path, (paths.get(path) ?? new Set<string>()).add(key));
    }
  }
  if (wanted.size === 0) return { config };
  const found = new Map<string, string>();
  let ttlMs: number | undefined;
  for (const [name, paths] of wanted) {
    for (const [path, keys] of paths) {
      const data = await providers.get(name)?.get(path, keys);
      for (const [key, value] of data?.values ?? []) found.set(placeKey(name, path, key), value);
      if (data?.ttlMs !== undefined) ttlMs = Math.min(ttlMs ?? Infinity, data.ttlMs);
    }
  }
  const replaced = Object.entries(config).map(([key, text]) => [
    key,
    text.replace(
      PLACEHOLDER,
      (whole, provider: string, path: string | undefined, name: string) =>
        found.get(placeKey(provider, path ?? '', name)) ?? whole,
    ),
  ]);
  return { config: Object.fromEntries(replaced) as Config, ttlMs };
}

function placeKey(provider: string, path: string, key: string): string {
  return JSON.stringify([provider, path, key]);
}

/**
 * The texts that stand for placeholders in a resolved value: what must not be shown. Told from the template, so that
 * whoever has both needs no record of what was looked up.
 */
export function placeholderValues(template: string, resolved: string): readonly string[] {
  const literals = template.split(new RegExp(PLACEHOLDER.source.replace(/\((?!\?)/g, '(?:'), 'g'));
  if (literals.length < 2 || template === resolved) return [];
  const pattern = literals
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('([^]*)');
  return new RegExp(`^${pattern}$`).exec(resolved)?.slice(1) ?? [resolved];
}
