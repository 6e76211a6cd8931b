import type { Client } from 'pg';

/** The tables of the shop, each with its key: what is captured and what must arrive. */
export const SHOP_TABLES = [
  { name: 'customers', key: ['id'] },
  { name: 'products', key: ['sku'] },
  { name: 'orders', key: ['id'] },
  { name: 'order_lines', key: ['order_id', 'line'] },
] as const;

export interface ShopSize {
  readonly customers: number;
  readonly products: number;
  readonly orders: number;
}

export const SHOP_SIZE: ShopSize = { customers: 5_000, products: 500, orders: 15_000 };

const SCHEMA = `
  create type order_status as enum ('placed', 'paid', 'shipped', 'returned');
  create table customers (
    id integer primary key,
    name text not null,
    email varchar(120) not null,
    vip boolean not null default false,
    preferences jsonb,
    created_at timestamptz not null default now()
  );
  create table products (
    sku varchar(20) primary key,
    title text not null,
    price numeric(10,2) not null,
    weight_kg double precision,
    updated_at timestamp(3) not null default current_timestamp
  );
  create table orders (
    id bigint primary key,
    customer_id integer not null references customers,
    status order_status not null default 'placed',
    total numeric(12,2) not null,
    ordered_on date not null default current_date,
    note text
  );
  create table order_lines (
    order_id bigint not null references orders on delete cascade,
    line smallint not null,
    sku varchar(20) not null references products,
    quantity integer not null,
    price numeric(10,2) not null,
    primary key (order_id, line)
  );
`;

/** Creates the tables and fills them: a few tens of thousands of rows. */
export async function createShop(client: Client, size: ShopSize = SHOP_SIZE): Promise<void> {
  await client.query(SCHEMA);
  await client.query(
    `insert into customers select i, 'Customer ' || i, 'customer' || i || '@example.org', i % 20 = 0,
       jsonb_build_object('newsletter', i % 3 = 0, 'language', (array['en','de','fr'])[1 + i % 3]),
       timestamptz '2026-01-01 00:00:00+00' + i * interval '37 minutes'
     from generate_series(1, $1::int) i`,
    [size.customers],
  );
  await client.query(
    `insert into products select 'SKU-' || lpad(i::text, 6, '0'), 'Product ' || i, 1 + (i * 37 % 9900) / 100.0, i % 50 / 10.0,
       timestamp '2026-01-01' + i * interval '1.234 seconds'
     from generate_series(1, $1::int) i`,
    [size.products],
  );
  await client.query(
    `insert into orders select i, 1 + i % $2::int, (array['placed','paid','shipped','returned'])[1 + i % 4]::order_status,
       (i * 13 % 50000) / 100.0, date '2026-01-01' + i % 300, case when i % 10 = 0 then 'gift – « n°' || i || ' »' end
     from generate_series(1, $1::int) i`,
    [size.orders, size.customers],
  );
  await client.query(
    `insert into order_lines select o, l, 'SKU-' || lpad((1 + (o * 7 + l) % $2::int)::text, 6, '0'), 1 + o % 5, (o * l * 11 % 9900) / 100.0
     from generate_series(1, $1::int) o, generate_series(1, 2) l`,
    [size.orders, size.products],
  );
}
