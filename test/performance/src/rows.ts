import type pg from 'pg';

/** Ten columns of everyday types, about 270 bytes a row. */
const COLUMNS = `id bigint primary key, quantity integer not null, title text not null, price numeric(12,2) not null,
  created_at timestamptz not null, updated_at timestamptz, attributes jsonb, active boolean not null, code uuid not null, note text`;

const ROW = `i, i % 1000, 'Title of the row ' || i, (i % 100000) / 100.0, timestamptz '2026-01-01' + i * interval '1 second',
  case when i % 3 = 0 then timestamptz '2026-06-01' + i * interval '1 second' end,
  jsonb_build_object('colour', 'größe', 'n', i, 'list', jsonb_build_array(1, 2, 3)), i % 2 = 0, md5(i::text)::uuid,
  case when i % 4 = 0 then 'a "quoted" note' end`;

export async function createRows(client: pg.Client, table: string, count: number): Promise<void> {
  await client.query(`create table ${table} (${COLUMNS})`);
  await client.query(`insert into ${table} select ${ROW} from generate_series(1, ${count}) i`);
}

/** Row changes as a running application makes them; returns how many. */
export async function changeRows(
  client: pg.Client,
  table: string,
  transactions: number,
): Promise<number> {
  await client.query(`create table if not exists ${table} (${COLUMNS})`);
  for (let index = 0; index < transactions; index++) {
    const first = index * 100 + 1;
    await client.query(
      `insert into ${table} select ${ROW} from generate_series(${first}, ${first + 99}) i`,
    );
    if (index % 5 === 4)
      await client.query(
        `update ${table} set quantity = quantity + 1 where id between ${first} and ${first + 99}`,
      );
    if (index % 10 === 9)
      await client.query(`delete from ${table} where id between ${first} and ${first + 99}`);
  }
  const fifths = Math.floor(transactions / 5);
  return (transactions + fifths + Math.floor(transactions / 10)) * 100;
}
