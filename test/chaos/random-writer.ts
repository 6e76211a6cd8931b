/** A database that statements are sent to, in the words that the two kinds share. */
export interface SqlClient {
  readonly kind: 'postgres' | 'mysql';
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** What all writers of a run know of each other. */
export interface World {
  readonly tables: readonly string[];
  /** Columns that were added and not dropped, by table. */
  readonly added: Map<string, string[]>;
  nextId: number;
  nextColumn: number;
  /** Statements that were refused: deadlocks, columns that were just dropped. */
  refused: number;
}

export const KEY_COLUMNS = ['id', 'a', 'b', 'c'] as const;

export function createTableSql(table: string): string {
  return `create table ${table} (id int primary key, a int, b varchar(40), c decimal(10,2) not null)`;
}

/** One transaction of random statements, rolled back now and then; what the database refuses is undone. */
export async function writeSomething(
  client: SqlClient,
  world: World,
  random: () => number,
): Promise<void> {
  const count = 1 + Math.floor(random() * 6);
  try {
    await client.run('begin');
    for (let index = 0; index < count; index++) await client.run(statement(world, random));
    await client.run(random() < 0.15 ? 'rollback' : 'commit');
  } catch {
    world.refused++;
    await client.run('rollback');
  }
}

/** Adds a column, with a default or without, or drops one that was added. */
export async function alterSomething(
  client: SqlClient,
  world: World,
  random: () => number,
): Promise<void> {
  const table = pick(world.tables, random);
  const columns = world.added.get(table) ?? [];
  const dropped = columns.length > 2 ? columns[0] : undefined;
  try {
    if (dropped !== undefined) {
      world.added.set(table, columns.slice(1));
      await client.run(`alter table ${table} drop column ${dropped}`);
      return;
    }
    const name = `x${world.nextColumn++}`;
    const type = pick(["varchar(20) not null default 'as ever'", 'int', 'varchar(20)'], random);
    await client.run(`alter table ${table} add column ${name} ${type}`);
    world.added.set(table, [...columns, name]);
  } catch {
    world.refused++;
  }
}

function statement(world: World, random: () => number): string {
  const table = pick(world.tables, random);
  const extra = pick([undefined, ...(world.added.get(table) ?? [])], random);
  const id = 1 + Math.floor(random() * world.nextId);
  const number = Math.floor(random() * 100_000);
  const text = `'it''s ${number} ☂'`;
  const money = (number / 100).toFixed(2);
  const chance = random();
  if (chance < 0.45) {
    const names = extra === undefined ? 'id, a, b, c' : `id, a, b, c, ${extra}`;
    const values = `${world.nextId++}, ${number}, ${text}, ${money}`;
    return `insert into ${table} (${names}) values (${values}${extra === undefined ? '' : `, '7'`})`;
  }
  if (chance < 0.8) {
    const more = extra === undefined ? '' : `, ${extra} = '8'`;
    return `update ${table} set a = ${number}, b = ${text}, c = c + 0.01${more} where id = ${id}`;
  }
  if (chance < 0.85) return `update ${table} set a = null where id between ${id} and ${id + 20}`;
  if (chance < 0.9) return `update ${table} set id = ${world.nextId++} where id = ${id}`;
  return `delete from ${table} where id = ${id}`;
}

function pick<T>(from: readonly T[], random: () => number): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined && from.length === 0) throw new TypeError('nothing to pick from');
  return chosen as T; // an element may be undefined itself
}
