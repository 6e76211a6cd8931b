import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  migrationId,
  parseEndpoint,
  wrongState,
  type Endpoint,
  type MigrationState,
  type Selection,
  shownEndpoint,
  tablesMeant,
} from '@millrace/migration';
import { systemRandom } from '@millrace/foundation';
import { migrationPasswords } from '../config.ts';
import type { OptionValues } from '../options.ts';
import { MigrationFolder } from './migration-folder.ts';

/** What the words and options of a migrate command mean. */
export interface MigrateRequest {
  readonly source: Endpoint;
  readonly target: Endpoint;
  readonly folder: MigrationFolder;
  /** Of an earlier run, else a new one. */
  readonly state: MigrationState;
  readonly isResumed: boolean;
}

/** @throws MillraceError `migration.url_invalid`, `migration.wrong_state` */
export function readRequest(operands: readonly string[], options: OptionValues): MigrateRequest {
  const passwords = migrationPasswords();
  const source = parseEndpoint('source', operands[0] ?? '', passwords.source);
  const target = parseEndpoint('target', operands[1] ?? '', passwords.target);
  const id = migrationId(source, target);
  const folder = new MigrationFolder(resolve(options['data-dir'] ?? `millrace-migration-${id}`));
  const stored = folder.load();
  if (stored !== undefined && stored.id !== id)
    throw wrongState(
      `the folder ${folder.path} belongs to the migration from ${stored.source} to ${stored.target}`,
      'give another --data-dir, or the URLs of that migration',
    );
  const excluded = stored === undefined ? undefined : laterExclusion(stored, options);
  if (stored !== undefined && excluded === undefined) checkUnchanged(stored, options);
  const state = excluded ??
    stored ?? {
      version: 1,
      id,
      source: shownEndpoint(source),
      target: shownEndpoint(target),
      phase: 'planned',
      selection: selectionOf(options),
      renames: renamesOf(options),
      isReversible: options.reverse === true,
      serverId: 100_000_000 + systemRandom.nextInt(1_000_000_000),
    };
  return {
    source,
    target,
    folder,
    state: options.reverse === true ? { ...state, isReversible: true } : state,
    isResumed: stored !== undefined,
  };
}

/** Tables that were made after the beginning may be left out at any time. */
function laterExclusion(stored: MigrationState, options: OptionValues): MigrationState | undefined {
  const { selection, tables } = stored;
  const excluded = list(options['exclude-tables']);
  if (tables === undefined || excluded.length === 0) return undefined;
  if (options.tables !== undefined || options.schema !== undefined) return undefined;
  if (tablesMeant(excluded, tables).length > 0) return undefined;
  const all = [...new Set([...selection.excluded, ...excluded])];
  return { ...stored, selection: { ...selection, excluded: all } };
}

/** What was chosen at the beginning is kept; another choice is another migration. */
function checkUnchanged(stored: MigrationState, options: OptionValues): void {
  const isGiven = [options.tables, options['exclude-tables'], options.schema].some(
    (given) => given !== undefined,
  );
  const wanted = { selection: selectionOf(options), renames: renamesOf(options) };
  const chosen = { selection: stored.selection, renames: stored.renames };
  if (isGiven && !isDeepStrictEqual(wanted, chosen))
    throw wrongState(
      'this migration was begun with other tables or schemas',
      'leave these options out, or begin another one with another --data-dir',
    );
}

function renamesOf(options: OptionValues): readonly string[] {
  return (options.schema ?? []).filter((text) => text.includes(':'));
}

function selectionOf(options: OptionValues): Selection {
  return {
    tables: list(options.tables),
    excluded: list(options['exclude-tables']),
    schemas: list(options.schema).map((text) => text.split(':')[0] ?? text),
  };
}

function list(texts: readonly string[] | undefined): readonly string[] {
  return (texts ?? [])
    .flatMap((text) => text.split(',').map((part) => part.trim()))
    .filter((part) => part !== '');
}
