import * as file from '@millrace/file';
import * as jdbc from '@millrace/jdbc';
import * as mysql from '@millrace/mysql';
import * as postgres from '@millrace/postgres';
import type { AnyPlugin } from '@millrace/runtime';
import * as transforms from '@millrace/transforms';

const KINDS: ReadonlySet<unknown> = new Set([
  'source',
  'sink',
  'converter',
  'transform',
  'predicate',
]);

/** Every plugin that is shipped, beside the converters, which the runtime brings itself. */
export const shippedPlugins: readonly AnyPlugin[] = [
  file,
  jdbc,
  mysql,
  postgres,
  transforms,
].flatMap((module) => pluginsOf(module));

/** The plugins, or lists of plugins, among what a package exports. */
export function pluginsOf(module: object): readonly AnyPlugin[] {
  return Object.values(module)
    .flat()
    .filter((exported) => isPlugin(exported));
}

function isPlugin(exported: unknown): exported is AnyPlugin {
  return (
    typeof exported === 'object' &&
    exported !== null &&
    'kind' in exported &&
    'javaClasses' in exported &&
    KINDS.has(exported.kind)
  );
}
