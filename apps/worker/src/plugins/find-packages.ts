import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { PluginProblem } from '@millrace/runtime';
import { badManifest, javaPlugin, noEntry, pathUnusable } from './problems.ts';

/** A package with a `millrace` entry. */
export interface FoundPackage {
  /** Without links. */
  readonly folder: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** INV-6: a folder with more is most likely not what was meant; what is beyond is named, not read. */
const CHILDREN_MAX = 5_000;

/**
 * Packages with plugins: in the folders of `plugin.path`, which are packages or hold some, and in the `node_modules` of
 * the folder in which the worker was started. Each is found once, whatever links lead to it.
 */
export class PackageFinder {
  readonly packages: FoundPackage[] = [];
  readonly problems: PluginProblem[] = [];
  readonly #seen = new Set<string>();

  async inPath(path: string): Promise<void> {
    const folder = resolve(path);
    const kind = await stat(folder).catch(() => undefined);
    if (kind === undefined) {
      this.problems.push(pathUnusable(folder, 'does not exist'));
      return;
    }
    if (!kind.isDirectory()) {
      this.problems.push(
        folder.endsWith('.jar') ? javaPlugin(folder) : pathUnusable(folder, 'is no folder'),
      );
      return;
    }
    if (await this.#isPackage(folder)) return;
    await this.#children(folder, /[\\/]node_modules$/.test(folder));
  }

  /** Says nothing of packages that are no plugins: most are not. */
  async inNodeModules(workingFolder: string): Promise<void> {
    const folder = join(workingFolder, 'node_modules');
    if ((await stat(folder).catch(() => undefined))?.isDirectory() === true)
      await this.#children(folder, true);
  }

  /** True when the folder is a package with plugins, which is noted. */
  async #isPackage(folder: string): Promise<boolean> {
    const manifest = await this.#manifestOf(folder, false);
    return manifest !== undefined && 'millrace' in manifest;
  }

  async #children(folder: string, isQuiet: boolean): Promise<void> {
    const names = await readdir(folder).catch((error: unknown) => {
      this.problems.push(
        pathUnusable(folder, `can't be read: ${error instanceof Error ? error.message : ''}`),
      );
      return [];
    });
    if (names.length > CHILDREN_MAX)
      this.problems.push(pathUnusable(folder, `holds more than ${CHILDREN_MAX} entries`));
    if (!isQuiet && names.some((name) => name.endsWith('.jar')))
      this.problems.push(javaPlugin(folder));
    for (const name of names.slice(0, CHILDREN_MAX).sort()) {
      const child = join(folder, name);
      if (name.startsWith('@')) await this.#children(child, isQuiet);
      else if (name === 'node_modules') await this.#children(child, true);
      else if (!name.startsWith('.')) await this.#child(child, isQuiet);
    }
  }

  async #child(folder: string, isQuiet: boolean): Promise<void> {
    const manifest = await this.#manifestOf(folder, isQuiet);
    if (isQuiet || (manifest !== undefined && 'millrace' in manifest)) return;
    if (manifest !== undefined) {
      this.problems.push(noEntry({ location: folder, ...nameOf(manifest) }));
      return;
    }
    const names = await readdir(folder).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        this.problems.push(pathUnusable(folder, 'is a link to nothing'));
      return []; // A plain file is nobody's plugin.
    });
    if (names.some((name) => name.endsWith('.jar'))) this.problems.push(javaPlugin(folder));
  }

  /** The package's own description; noted when it has a `millrace` entry. */
  async #manifestOf(
    folder: string,
    isQuiet: boolean,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    // Most packages are no plugins: their descriptions need not be parsed.
    if (text === undefined || (isQuiet && !text.includes('"millrace"'))) return undefined;
    const manifest = parse(text);
    if (typeof manifest === 'string') {
      this.problems.push(badManifest({ location: folder }, manifest));
      return { millrace: undefined }; // told already
    }
    if (!('millrace' in manifest)) return manifest;
    const real = await realpath(folder);
    if (!this.#seen.has(real)) this.packages.push({ folder: real, manifest });
    this.#seen.add(real);
    return manifest;
  }
}

function nameOf(manifest: Readonly<Record<string, unknown>>): { readonly package?: string } {
  return typeof manifest['name'] === 'string' ? { package: manifest['name'] } : {};
}

function parse(text: string): Readonly<Record<string, unknown>> | string {
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? { ...parsed }
      : 'is no object';
  } catch (error) {
    return `is not JSON: ${error instanceof Error ? error.message : ''}`;
  }
}
