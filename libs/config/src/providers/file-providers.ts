import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@millrace/foundation';
import { getProperties } from 'properties-file';
import type { AllowedPaths } from './allowed-paths.ts';
import type { ConfigProvider, ProvidedData } from './config-provider.ts';
import { providerUnreadable } from './errors.ts';

/** INV-6: larger files hold no configuration. */
const FILE_BYTES_MAX = 1024 * 1024;
const NOTHING: ProvidedData = { values: new Map() };

export interface FileProviderOptions {
  readonly allowed: AllowedPaths;
  readonly ttlMs: number | undefined;
  readonly log: Logger;
}

/** `${file:/path/secrets.properties:key}`: Kafka's FileConfigProvider. */
export class FileConfigProvider implements ConfigProvider {
  readonly #options: FileProviderOptions;

  constructor(options: FileProviderOptions) {
    this.#options = options;
  }

  async get(path: string, keys: ReadonlySet<string>): Promise<ProvidedData> {
    const real = await findAllowed(path, this.#options);
    if (real === undefined) return NOTHING;
    let properties: Readonly<Record<string, string>>;
    try {
      properties = getProperties(await readSmall(real));
    } catch (error) {
      throw providerUnreadable(`Could not read properties from file ${path}`, error);
    }
    const values = [...keys].flatMap((key): [string, string][] =>
      Object.hasOwn(properties, key) ? [[key, properties[key] ?? '']] : [],
    );
    return { values: new Map(values), ttlMs: this.#options.ttlMs };
  }
}

/** `${directory:/run/secrets:password}`: each file is a key, its whole content the value. Kafka's DirectoryConfigProvider. */
export class DirectoryConfigProvider implements ConfigProvider {
  readonly #options: FileProviderOptions;

  constructor(options: FileProviderOptions) {
    this.#options = options;
  }

  async get(path: string, keys: ReadonlySet<string>): Promise<ProvidedData> {
    const real = await findAllowed(path, this.#options);
    if (real === undefined) return NOTHING;
    if (!(await isKind(real, 'isDirectory'))) {
      this.#options.log.warn({ path }, 'a placeholder names no directory; it stays as it is');
      return NOTHING;
    }
    const values = new Map<string, string>();
    try {
      // Mounted secrets are links to regular files.
      const names = new Set(await readdir(real));
      for (const key of keys) {
        if (!names.has(key)) continue;
        const file = await this.#options.allowed.find(join(real, key));
        if (file !== undefined && (await isKind(file, 'isFile')))
          values.set(key, await readSmall(file));
      }
    } catch (error) {
      throw providerUnreadable(`Could not read files of directory ${path}`, error);
    }
    return { values, ttlMs: this.#options.ttlMs };
  }
}

async function isKind(path: string, kind: 'isDirectory' | 'isFile'): Promise<boolean> {
  return stat(path).then(
    (found) => found[kind](),
    () => false, // is not there
  );
}

async function findAllowed(
  path: string,
  { allowed, log }: FileProviderOptions,
): Promise<string | undefined> {
  if (path === '') return undefined;
  const real = await allowed.find(path);
  if (real === undefined)
    log.warn({ path }, 'a placeholder names a path that is not allowed; it stays as it is');
  return real;
}

async function readSmall(path: string): Promise<string> {
  const content = await readFile(path);
  if (content.length > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
  return content.toString('utf8');
}
