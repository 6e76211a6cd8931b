import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, sep } from 'node:path';
import { badProvider } from './errors.ts';

/** The paths below which a provider may read; everything when none are named. Links count as what they lead to. */
export class AllowedPaths {
  readonly #roots: readonly string[] | undefined;

  private constructor(roots: readonly string[] | undefined) {
    this.#roots = roots;
  }

  /** @throws MillraceError for a path that is not absolute or does not exist */
  static async parse(text: string | undefined): Promise<AllowedPaths> {
    if (text === undefined || text.trim() === '') return new AllowedPaths(undefined);
    const roots: string[] = [];
    for (const part of text.split(',')) {
      const path = part.trim();
      if (!isAbsolute(path)) throw badProvider(`Path ${path} is not absolute`);
      roots.push(
        await realpath(path).catch((error: unknown) => {
          throw badProvider(`Path ${path} does not exist`, error);
        }),
      );
    }
    return new AllowedPaths(roots);
  }

  /** The real path; undefined when it may not be read. What is not there keeps its name, so that its reader says so. */
  async find(path: string): Promise<string | undefined> {
    const roots = this.#roots;
    if (roots === undefined) return path;
    const real = await realpath(path).catch(() => undefined);
    if (real !== undefined) return isBelow(real, roots) ? real : undefined;
    const folder = await realpath(dirname(path)).catch(() => undefined);
    return folder !== undefined && isBelow(folder, roots) ? path : undefined;
  }
}

function isBelow(path: string, roots: readonly string[]): boolean {
  return roots.some(
    (root) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep),
  );
}
