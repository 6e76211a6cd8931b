/** Types, keys and names of many kinds, in two schemas. */
export const SHOP = `
  CREATE SCHEMA sales; CREATE EXTENSION hstore;
  CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
  CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
  CREATE SEQUENCE free_seq INCREMENT 5 START 100;
  CREATE TABLE customers (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, name varchar(40) DEFAULT 'x''y',
    m mood DEFAULT 'happy', age positive DEFAULT 1, created timestamptz NOT NULL DEFAULT now(), note text,
    CONSTRAINT short_name CHECK (length(name) < 41));
  COMMENT ON TABLE customers IS 'it''s them'; COMMENT ON COLUMN customers.name IS 'who';
  CREATE INDEX ON customers (lower(name)); CREATE INDEX noted ON customers (note DESC) WHERE note IS NOT NULL;
  CREATE TABLE sales.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customers ON DELETE CASCADE, total numeric(12,2) NOT NULL,
    tax numeric(12,4) GENERATED ALWAYS AS (total * 0.2) STORED, tags text[], attrs hstore, payload jsonb, raw json, b bytea,
    u uuid, i inet, d date, t time(3), tz timetz, ts timestamp(6), iv interval, bits bit(5), money money, r int4range,
    p point, f4 real, f8 double precision, num numeric, ia int[], x xml, c char(5), tsv tsvector, o oid, ok boolean);
  CREATE TABLE by_index (a int NOT NULL, b text NOT NULL, UNIQUE (a, b));
  ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_a_b_key;
  CREATE TABLE parted (id int, at date NOT NULL, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE parted_2025 PARTITION OF parted FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree);
  CREATE TABLE "Odd Name" ("Key Col" int PRIMARY KEY, "select" text, "q""q" text);
  CREATE TABLE nothing (id int PRIMARY KEY);
  CREATE TABLE exact (k text PRIMARY KEY, grid int[], bounds int[], vb bit varying(9), tz timetz, word text DEFAULT 'd', t0 timestamp(0));
  CREATE TABLE parts (k text, l varchar(9), n numeric(40,20), PRIMARY KEY (k, l));
  CREATE TABLE "товар" (id int PRIMARY KEY); CREATE TABLE "заказ" (id int PRIMARY KEY);
  CREATE TABLE elder (id int PRIMARY KEY); CREATE TABLE younger (PRIMARY KEY (id)) INHERITS (elder);
  CREATE VIEW seen AS SELECT 1 AS one; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
  INSERT INTO customers (email, name, note)
    SELECT 'u' || i || '@x', 'ü' || i, CASE WHEN i % 2 = 0 THEN 'note ' || i END FROM generate_series(1, 3000) i;
  INSERT INTO sales.orders (customer_id, total, tags, attrs, payload, raw, b, u, i, d, t, tz, ts, iv, bits, money, r, p, f4, f8, num, ia, x, c, tsv, o, ok)
    SELECT 1 + i % 3000, i / 7.0, ARRAY['a', 'b,"c', NULL], hstore('k', 'v' || i), jsonb_build_object('n', i, 't', 'ü'),
      '{"z": 1,  "a":2}', decode(lpad(to_hex(i), 8, '0'), 'hex'), md5(i::text)::uuid, '10.0.0.1/8', date '2024-02-29' + i,
      '01:02:03.456', '01:02:03+02', timestamp '2024-01-01' + i * interval '1.000001 s', interval '1 mon 3 days 04:05:06.789',
      b'10101', 12.34, int4range(1, i + 2), point(i, 0.5), i / 3.0, i / 3.0, i::numeric / 7, ARRAY[1, NULL, i], '<a/>', 'ab',
      to_tsvector('simple', 'the quick fox ' || i), i, i % 2 = 0
    FROM generate_series(1, 3000) i;
  INSERT INTO sales.orders (customer_id, total, num, f8, ts, d, iv)
    VALUES (1, 0, 'NaN', '-Infinity', 'infinity', '-infinity', '-1 year -2 days');
  INSERT INTO by_index SELECT i, 'b' || i FROM generate_series(1, 100) i;
  INSERT INTO parted SELECT i, date '2024-06-01' + i, 'v' FROM generate_series(1, 400) i;
  INSERT INTO exact VALUES ('a', '{{1,2},{3,NULL}}', '[5:6]={1,2}', b'001', '24:00:00+14', NULL, '-infinity'),
    ('A', NULL, '{}', b'', '00:00:00-05', '', '294276-12-31 23:59:59');
  INSERT INTO parts VALUES (E'a\x1f', 'b', 1), ('a', E'\x1fb', 12345678901234567890.12345678901234567890), (E'\x1es', E'\x1ee', NULL), ('', '', 2);
  INSERT INTO "товар" VALUES (1); INSERT INTO "заказ" VALUES (2); INSERT INTO elder VALUES (1); INSERT INTO younger VALUES (2);
  INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2);
  INSERT INTO "Odd Name" VALUES (1, 'a', 'b');
  SELECT nextval('free_seq')`;

/** One transaction of an application that goes on while its database is moved. */
export function businessOf(n: number): string {
  return `BEGIN;
    INSERT INTO customers (email, name) VALUES ('live${n}@x', 'live');
    INSERT INTO sales.orders (customer_id, total) SELECT max(id), ${n} FROM customers;
    UPDATE customers SET note = coalesce(note, '') || 'x', m = 'sad' WHERE id = 1 + (${n} * 7919) % 3000;
    DELETE FROM sales.orders WHERE id = 1 + (${n} * 31) % 3000;
    UPDATE by_index SET b = b || 'y' WHERE a = 1 + ${n} % 100;
    ${n % 13 === 0 ? 'ROLLBACK' : 'COMMIT'}`;
}
