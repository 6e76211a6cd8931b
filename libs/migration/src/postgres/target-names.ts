import type { TableName } from '../model/catalog.ts';

export const NAME_BYTES_MAX = 63;

/**
 * Names of what another database has no names for, or not in the same space: within a schema of PostgreSQL tables,
 * indexes and types may not share one, and longer names are cut silently. The same catalogue gives the same names.
 */
export class TargetNames {
  readonly #taken = new Set<string>();

  constructor(tables: readonly TableName[]) {
    for (const { schema, name } of tables) this.#taken.add(`${schema}.${cutName(name)}`);
  }

  /** The wanted name, or with a number behind it when it is taken. */
  give(schema: string, wanted: string): string {
    for (let number = 1; ; number++) {
      const ending = number === 1 ? '' : `_${number}`;
      const name = cutName(wanted, NAME_BYTES_MAX - ending.length) + ending;
      if (this.#taken.has(`${schema}.${name}`)) continue;
      this.#taken.add(`${schema}.${name}`);
      return name;
    }
  }
}

/** Without half a character at its end. */
export function cutName(name: string, bytesMax = NAME_BYTES_MAX): string {
  let cut = name;
  while (Buffer.byteLength(cut) > bytesMax) cut = Array.from(cut).slice(0, -1).join('');
  return cut;
}
