import { fullName, type TableName } from './session.ts';
import type { Settings } from './settings.ts';

/** Whether the lists of the configuration want a table. */
export function isWanted(table: TableName, settings: Settings): boolean {
  const { whitelist, blacklist, includes, excludes } = settings;
  const name = fullName(table);
  const isNamedIn = (list: readonly string[]): boolean =>
    list.some((entry) => entry === name || entry === table.name);
  if (includes.length > 0)
    return (
      includes.some((regex) => regex.test(name)) && !excludes.some((regex) => regex.test(name))
    );
  if (whitelist.length > 0) return isNamedIn(whitelist);
  return !isNamedIn(blacklist);
}

/** Which of `tasks` reads a table: the same for all that ask, without anybody who assigns (FNV-1a). */
export function taskOf(table: TableName, tasks: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(fullName(table))) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % tasks;
}
