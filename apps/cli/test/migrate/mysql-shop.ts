/** The same for MySQL and MariaDB: types, keys and what stays behind. One statement each. */
export const MYSQL_SHOP: readonly string[] = [
  `CREATE TABLE customers (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, email varchar(120) NOT NULL, name varchar(40) DEFAULT 'x''y',
    m enum('sad','it''s ok','happy') DEFAULT 'happy', flags set('a','b','c'),
    created timestamp(3) NOT NULL DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3), note text,
    vip tinyint(1) NOT NULL DEFAULT 0, UNIQUE KEY email_key (email), KEY note_key (note(20))) COMMENT 'it''s them'`,
  `CREATE TABLE orders (id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id int NOT NULL, total decimal(12,2) NOT NULL,
    big bigint unsigned, t8 tinyint, u8 tinyint unsigned, s16 smallint, m24 mediumint, u32 int unsigned, f4 float, f8 double,
    d date, dt datetime(6), tm time(3), y year, b8 bit(8), b1 bit(1), bin4 binary(4), vb varbinary(20), bl blob, js json,
    tx longtext, ch char(5), long_decimal decimal(40,10), gen decimal(14,2) AS (total * 2) STORED, def varchar(10) DEFAULT 'a\\\\b',
    made varchar(50) DEFAULT (concat('a', 'b')), KEY cust (customer_id),
    CONSTRAINT fk_cust FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE CASCADE, CONSTRAINT chk CHECK (total >= 0))`,
  `CREATE TABLE by_index (a int NOT NULL, b varchar(20) NOT NULL, UNIQUE KEY ab (a, b))`,
  `CREATE TABLE tree (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES tree (id))`,
  `CREATE TABLE texts (k varchar(30) COLLATE utf8mb4_bin PRIMARY KEY, v int)`,
  `CREATE TABLE uuids (k binary(16) PRIMARY KEY, w binary(4) DEFAULT 'ab', v int DEFAULT 7, KEY b (v))`,
  `CREATE TABLE user (id int PRIMARY KEY, role enum('a','b'), KEY role_b (role))`,
  `CREATE TABLE user_role (id int PRIMARY KEY, b enum('c','d'), KEY b (b))`,
  `CREATE TABLE parts (k varchar(9) COLLATE utf8mb4_bin, l varchar(9) COLLATE utf8mb4_bin, n decimal(40,20), PRIMARY KEY (k, l))`,
  `INSERT INTO parts VALUES ('a\x1f', 'b', 1), ('a', '\x1fb', 12345678901234567890.12345678901234567890), ('\x1es', '\x1ee', NULL)`,
  `CREATE VIEW seen AS SELECT 1 AS one`,
  `INSERT INTO customers (email, name, flags, note, vip) WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900)
    SELECT concat('u', i, '@x'), concat('ü€😀', i), 'a,c', if(i % 2, NULL, concat('note ', i)), i % 2 FROM n`,
  `INSERT INTO orders (customer_id, total, big, t8, u8, s16, m24, u32, f4, f8, d, dt, tm, y, b8, b1, bin4, vb, bl, js, tx, ch, long_decimal)
    WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 900)
    SELECT i, round(i / 7, 2), 18446744073709551615 - i, -5, 250, -300, -8000000, 4000000000, i / 3, i / 3, '2024-02-29',
      '2024-01-01 00:00:00.000001', '12:34:56.789', 2024, b'10100101', b'1', 'ab', 'x\\0\\1', x'00ff',
      '{"b": [1, 2.50, null], "a": "ü"}', concat('long ', i), 'ab', 123456789012345678901234567890.5 FROM n`,
  `INSERT INTO by_index VALUES (1, 'a'), (2, 'b')`,
  `INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2)`,
  `INSERT INTO texts VALUES ('a', 1), ('A', 2), ('ä', 3)`,
  `INSERT INTO uuids VALUES (x'00112233445566778899aabbccddee00', 'x', NULL), (x'ff', NULL, 1)`,
  `INSERT INTO user VALUES (1, 'b')`,
  `INSERT INTO user_role VALUES (1, 'd')`,
];

export const MYSQL_BUSINESS: readonly string[] = [
  `INSERT INTO customers (email, name) VALUES ('live@x', 'live')`,
  `UPDATE customers SET note = 'changed 😀' WHERE id < 20`,
  `UPDATE orders SET total = total + 1, big = NULL, js = '[1]', dt = '2001-02-03 04:05:06.789012' WHERE id < 20`,
  `DELETE FROM orders WHERE id BETWEEN 30 AND 40`,
  `UPDATE texts SET k = 'moved' WHERE k = 'A'`,
  `UPDATE by_index SET b = 'bb' WHERE a = 2`,
];

/** Of PostgreSQL, what MySQL has a form for. */
export const POSTGRES_SHOP = `
  CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
  CREATE TABLE customers (id serial PRIMARY KEY, email varchar(80) NOT NULL UNIQUE, name varchar(40) DEFAULT 'x''y',
    m mood DEFAULT 'happy', created timestamptz NOT NULL DEFAULT now(), note text, vip boolean NOT NULL DEFAULT false);
  CREATE INDEX noted ON customers (note DESC) WHERE note IS NOT NULL; CREATE INDEX named ON customers (name);
  CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id int NOT NULL REFERENCES customers ON DELETE CASCADE,
    total numeric(12,2) NOT NULL, tags text[], payload jsonb, raw json, b bytea, u uuid, i inet, d date, t time(3),
    ts timestamp(6), bits bit(5), money money, r int4range, f4 real, f8 double precision, num numeric(30,10), ia int[], c char(5), o oid, ok boolean);
  CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree);
  CREATE TABLE texts (k text PRIMARY KEY, v int);
  CREATE VIEW seen AS SELECT 1 AS one;
  INSERT INTO customers (email, name, note, vip)
    SELECT 'u' || i || '@x', 'ü€😀' || i, CASE WHEN i % 2 = 0 THEN 'note ' || i END, i % 3 = 0 FROM generate_series(1, 900) i;
  INSERT INTO orders (customer_id, total, tags, payload, raw, b, u, i, d, t, ts, bits, money, r, f4, f8, num, ia, c, o, ok)
    SELECT i, i / 7.0, ARRAY['a', 'b,"c', NULL], jsonb_build_object('n', i, 't', 'ü'), '{"z": 1,  "a":2.50}', decode(lpad(to_hex(i), 8, '0'), 'hex'),
      md5(i::text)::uuid, '10.0.0.1/8', date '2024-02-29' + i, '01:02:03.456', timestamp '2024-01-01' + i * interval '1.000001 s',
      b'10101', 12.34, int4range(1, i + 2), i / 3.0, i / 3.0, i::numeric / 7, ARRAY[1, NULL, i], 'ab', i, i % 2 = 0
    FROM generate_series(1, 900) i;
  INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2);
  INSERT INTO texts VALUES ('a', 1), ('A', 2), ('a ', 3), ('ä', 4)`;

export const POSTGRES_BUSINESS = `
  INSERT INTO customers (email, name) VALUES ('live@x', 'live');
  UPDATE customers SET note = 'changed 😀' WHERE id < 20;
  UPDATE orders SET total = total + 1, payload = '[1]', ts = '2001-02-03 04:05:06.789012' WHERE id < 20;
  DELETE FROM orders WHERE id BETWEEN 30 AND 40;
  UPDATE texts SET k = 'moved' WHERE k = 'A'`;
