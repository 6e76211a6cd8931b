import type { Variant, World } from '../world.ts';

/** Literals, functions and sequences as defaults, required and not. */
const DEFAULTS = `create table df (id serial primary key, a int default 5, b int not null default 5,
  c bigint default 9223372036854775807, d smallint default (-3), e numeric(6,2) default 1.5,
  e2 numeric default 1.5, e3 numeric(6,2) not null default -1.5, e4 numeric(6,2) default random(),
  f real default 1.25, f3 float8 default 1e10, g2 varchar(20) default 'x', g3 char(4) default 'ab',
  g4 text not null default upper('x'), g5 text default upper('q'), g6 text default '', g7 text default null,
  h bool default true, h2 bool not null default false, i uuid default gen_random_uuid(),
  i2 uuid not null default gen_random_uuid(), i3 uuid default 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
  j json default '{"a": 1}', j2 jsonb default '{}'::jsonb, j3 jsonb not null default jsonb_build_object(),
  k date default '2024-01-02', k2 date default current_date, k3 date not null default now(),
  l time default '10:00', l3 time(3) default '10:00:00.5', l4 timetz default '10:00+02',
  m timestamp default '2024-01-02 03:04:05.678', m2 timestamp default now(), m3 timestamp not null default now(),
  m4 timestamp(3) default '2024-01-02 03:04:05.678', n timestamptz default '2024-01-02 03:04:05+02',
  n2 timestamptz default now(), n3 timestamptz not null default now(), o interval default '1 day',
  p bytea default '\\x00', q bit(1) default B'1', q2 bit(3) default B'101', r inet default '10.0.0.1',
  s money default 5, u int[] default '{}', v oid default 5, w int generated always as identity,
  x bigint not null default 7, y int default (1+1), z numeric(4,0) default 12)`;

const SETUP: readonly string[] = [
  'create table t (id int primary key, name text not null, secret text, n numeric(8,2), at timestamp default now(), d date)',
  `insert into t values (1, 'one', 'hush', 1.5, '2024-01-01 10:00:00.123456', '2024-05-01'), (2, 'two', null, null, null, null)`,
  DEFAULTS,
  'insert into df default values',
  'create table pk_default (k text default $$x$$ primary key, v int)',
  `insert into pk_default values ('q', 1)`,
  'create table comp (b int, a text, c int, v text, primary key (c, a))',
  `insert into comp values (1, 'a', 2, 'x')`,
  'create table nokey (v int, w text)',
  `insert into nokey values (1, 'a')`,
  'create table uq (v int not null, w text, unique (v))',
  `insert into uq values (1, 'a')`,
  'create table ident (u int not null, x text, q int); create unique index ident_ix on ident (u); alter table ident replica identity using index ident_ix',
  `insert into ident values (1, 'a', 3)`,
  'create table ident_pk (id int primary key, u int not null, x text); create unique index ident_pk_ix on ident_pk (u); alter table ident_pk replica identity using index ident_pk_ix',
  `insert into ident_pk values (1, 1, 'a')`,
  'create table fullr (id int primary key, x text, n int); alter table fullr replica identity full',
  `insert into fullr values (1, 'a', 1)`,
  'create table fullnk (x text, n int); alter table fullnk replica identity full',
  `insert into fullnk values ('a', 1)`,
  'create table noth (id int primary key, x text); alter table noth replica identity nothing',
  `insert into noth values (1, 'a')`,
  'create table gen (id int primary key, g int generated always as (id * 2) stored, t text)',
  `insert into gen (id, t) values (1, 'a')`,
  'create table "We Ird.T" (id int primary key, "Col A" text, "ü-x" int, "select" int)',
  `insert into "We Ird.T" values (1, 'a', 2, 3)`,
  'create table pt (id int, at date, v text, primary key (id, at)) partition by range (at)',
  `create table pt_a partition of pt for values from ('2024-01-01') to ('2025-01-01')`,
  `create table pt_b partition of pt for values from ('2025-01-01') to ('2026-01-01')`,
  `insert into pt values (1, '2024-05-05', 'a'), (2, '2025-05-05', 'b')`,
  'create table long (id int primary key, t text, v varchar, j jsonb, b bytea, ta text[], ia int[], ba bigint[], da date[], ua uuid[], bya bytea[], x xml, req text not null, reqb bytea not null, small int)',
  ...['t', 'v', 'j', 'b', 'ta', 'ia', 'ba', 'da', 'ua', 'bya', 'x', 'req', 'reqb'].map(
    (column) => `alter table long alter ${column} set storage external`,
  ),
  `create function long_row(i int) returns void language sql as $$ insert into long select i, repeat('a', 5000), repeat('b', 5000),
    to_jsonb(repeat('c', 5000)), decode(repeat('ab', 5000), 'hex'), array[repeat('a', 5000)],
    (select array_agg(g) from generate_series(1, 2000) g), (select array_agg(g::bigint) from generate_series(1, 2000) g),
    (select array_agg(date '2024-01-01' + g) from generate_series(1, 2000) g),
    (select array_agg(md5(g::text)::uuid) from generate_series(1, 500) g), array[decode(repeat('ab', 5000), 'hex')],
    xmlparse(content repeat('x', 5000)), repeat('r', 5000), decode(repeat('ab', 5000), 'hex'), 1 $$`,
  'select long_row(1)',
];

const CHANGES: readonly string[] = [
  `insert into t values (3, 'three', 'psst', -0.01, '2024-01-02', null), (4, 'four', 'x', 99, now(), '1969-12-31')`,
  `update t set name = 'drei' where id = 3`,
  'update t set id = 30 where id = 3',
  'delete from t where id = 4',
  'update t set name = name where id = 1',
  'insert into df default values',
  'update df set a = 6; delete from df',
  `insert into pk_default default values; update pk_default set k = 'z' where k = 'x'`,
  `insert into comp values (2, 'a', 3, 'x'); update comp set v = 'y' where c = 3; update comp set a = 'b' where c = 3; delete from comp where c = 3`,
  `insert into nokey values (2, 'x')`,
  `insert into uq values (2, 'x')`,
  `insert into ident values (2, 'b', 4); update ident set x = 'c' where u = 2; update ident set u = 5 where u = 2; delete from ident where u = 5`,
  `insert into ident_pk values (2, 2, 'b'); update ident_pk set x = 'c' where id = 2; update ident_pk set u = 5 where id = 2; update ident_pk set id = 7 where id = 2; delete from ident_pk where u = 5`,
  `insert into fullr values (2, 'b', null); update fullr set x = 'c' where id = 2; update fullr set id = 9 where id = 2; update fullr set x = x where id = 9; delete from fullr where id = 9`,
  `insert into fullnk values ('b', null); update fullnk set x = 'c'; delete from fullnk`,
  `insert into noth values (2, 'x')`,
  `insert into gen (id, t) values (2, 'b'); update gen set t = 'c' where id = 2; delete from gen where id = 2`,
  `insert into "We Ird.T" values (5, 'q', 7, 8); update "We Ird.T" set "Col A" = 'z' where id = 5; delete from "We Ird.T" where id = 5`,
  `insert into pt values (3, '2024-06-05', 'c'), (4, '2025-06-05', 'd')`,
  `update pt set at = '2025-07-01' where id = 3; delete from pt where id = 4`,
  'update long set small = 2 where id = 1',
  'update long set id = 3 where id = 1',
  'select long_row(4)',
  'delete from long where id = 4',
  'alter table long replica identity full',
  'update long set small = 5',
  `update long set t = 'short', small = 6`,
  `begin; insert into t values (50, 'z', null, null, null, null), (51, 'y', null, null, null, null); insert into comp values (7, 'm', 7, 'q'); update t set name = 'zz' where id = 50; delete from t where id = 51; commit`,
  `begin; insert into t values (60, 'r', null, null, null, null); savepoint s; insert into t values (61, 'r', null, null, null, null); rollback to s; insert into t values (62, 's', null, null, null, null); commit`,
  `begin; insert into t values (70, 'r', null, null, null, null); rollback`,
  `insert into t select g, 'many', null, null, null, null from generate_series(100, 120) g`,
  `select pg_logical_emit_message(true, 'orders', 'in a transaction')`,
  `select pg_logical_emit_message(true, 'other', decode('00ff', 'hex'))`,
  `select pg_logical_emit_message(false, 'orders', 'outside of transactions')`,
  'truncate t, comp',
];

const ALL = ['t', 'df', 'pk_default', 'comp', 'nokey', 'uq', 'ident', 'fullr', 'fullnk', 'noth'];
const REST = ['gen', 'We Ird.T', 'long'];
const UNWRAP = {
  transforms: 'u',
  'transforms.u.type': 'io.debezium.transforms.ExtractNewRecordState',
};

const VARIANTS: readonly Variant[] = [
  {
    name: 'shapes',
    tables: [...ALL, ...REST],
    config: {
      'provide.transaction.metadata': 'true',
      'skipped.operations': 'none',
      'message.prefix.include.list': '.*',
    },
  },
  {
    name: 'partitions',
    tables: ['pt_a', 'pt_b'],
    config: {
      'topic.creation.default.replication.factor': '1',
      'topic.creation.default.partitions': '3',
    },
  },
  { name: 'identities', tables: ['ident_pk', 'ident'] },
  { name: 'partition_root', tables: ['pt'], config: { 'publish.via.partition.root': 'true' } },
  {
    name: 'no_tombstones',
    tables: ['t', 'comp'],
    config: {
      'tombstones.on.delete': 'false',
      'skipped.operations': 'none',
      'extended.headers.enabled': 'false',
      'binary.handling.mode': 'base64',
      'message.prefix.include.list': '.*',
    },
  },
  { name: 'skipped', tables: ['t', 'comp', 'fullr'], config: { 'skipped.operations': 'u,d' } },
  {
    name: 'columns_included',
    tables: ['t', 'fullr'],
    config: {
      'column.include.list': 'WORLD.t.(id|name|d),WORLD.fullr.(id|n),WORLD.zz_mark.id',
      'skip.messages.without.change': 'true',
    },
  },
  {
    name: 'columns_excluded',
    tables: ['t', 'comp'],
    config: {
      'column.exclude.list': 'WORLD.t.(name|at),WORLD.comp.b',
      'column.propagate.source.type': 'WORLD.t.*',
      'datatype.propagate.source.type': 'int4,text',
    },
  },
  {
    name: 'masked',
    tables: ['t', 'fullr'],
    config: {
      'column.mask.with.5.chars': 'WORLD.t.secret',
      'column.truncate.to.2.chars': 'WORLD.t.name',
      'column.mask.with.0.chars': 'WORLD.fullr.x',
    },
  },
  {
    name: 'hashed',
    tables: ['t', 'comp'],
    config: {
      'column.mask.hash.v2.SHA-256.with.salt.abc': 'WORLD.t.secret',
      'column.mask.hash.SHA-256.with.salt.abc': 'WORLD.t.name,WORLD.comp.v',
    },
  },
  {
    name: 'keys',
    tables: ['t', 'nokey', 'uq', 'fullr'],
    config: {
      'message.key.columns': 'WORLD.t:name,id;WORLD.nokey:v;WORLD.fullr:x',
      'message.prefix.include.list': 'ord.*',
    },
  },
  {
    name: 'names_avro',
    tables: ['We Ird.T', 't'],
    config: {
      'schema.name.adjustment.mode': 'avro',
      'field.name.adjustment.mode': 'avro',
      'provide.transaction.metadata': 'true',
    },
  },
  {
    name: 'names_avro_unicode',
    tables: ['We Ird.T'],
    config: {
      'schema.name.adjustment.mode': 'avro_unicode',
      'field.name.adjustment.mode': 'avro_unicode',
    },
  },
  {
    name: 'topics',
    tables: ['t', 'long'],
    config: {
      'topic.delimiter': '-',
      'topic.transaction': 'changes',
      'provide.transaction.metadata': 'true',
      'topic.heartbeat.prefix': 'beats',
      'heartbeat.interval.ms': '300',
      'unavailable.value.placeholder': 'hex:aabb',
      'message.prefix.include.list': 'other',
    },
    allowance: { isOfAnyLength: /^beats/ },
  },
  {
    name: 'unwrapped',
    tables: ['t', 'nokey', 'fullr', 'long'],
    config: {
      ...UNWRAP,
      'transforms.u.add.fields': 'op,table,lsn,source.ts_ms,schema:space,snapshot',
      'transforms.u.add.headers': 'op,db,schema',
      'transforms.u.delete.tombstone.handling.mode': 'rewrite',
    },
  },
  {
    name: 'unwrapped_tombstones',
    tables: ['t', 'comp'],
    config: {
      ...UNWRAP,
      'provide.transaction.metadata': 'true',
      'transforms.u.add.fields': 'transaction.id,total_order,origin',
      'skipped.operations': 'none',
    },
  },
  {
    name: 'snapshot_always',
    tables: ['t', 'comp', 'gen'],
    config: { 'snapshot.mode': 'always', 'snapshot.fetch.size': '1' },
  },
  {
    name: 'snapshot_no_data',
    tables: ['t', 'comp'],
    config: { 'snapshot.mode': 'no_data' },
    hasSnapshot: false,
  },
  {
    name: 'snapshot_when_needed',
    tables: ['t', 'comp'],
    config: {
      'snapshot.mode': 'when_needed',
      'snapshot.isolation.mode': 'repeatable_read',
      'snapshot.locking.mode': 'shared',
    },
  },
  {
    name: 'snapshot_initial_only',
    tables: ['t', 'comp', 'df'],
    config: { 'snapshot.mode': 'initial_only' },
    streams: false,
  },
  {
    name: 'snapshot_configured',
    tables: ['t', 'comp'],
    config: {
      'snapshot.mode': 'configuration_based',
      'snapshot.mode.configuration.based.snapshot.data': 'true',
      'snapshot.mode.configuration.based.snapshot.schema': 'true',
      'snapshot.mode.configuration.based.start.stream': 'true',
    },
  },
  {
    name: 'snapshot_selected',
    tables: ['comp', 't', 'fullr'],
    config: {
      'snapshot.include.collection.list': 'WORLD.t,WORLD.zz_mark',
      'snapshot.select.statement.overrides': 'WORLD.t',
      'snapshot.select.statement.overrides.WORLD.t': 'select * from WORLD.t where id > 1',
    },
  },
];

/** Keys, identities, defaults, partitions, transactions and messages, with the configurations that shape records. */
export const SHAPES_WORLD: World = {
  name: 'shapes_world',
  setup: SETUP,
  stages: [{ sql: CHANGES }],
  variants: VARIANTS,
};

/** Schema changes in mid-stream: what is to be read of a table must not depend on when its catalogue is read. */
export const DDL_WORLD: World = {
  name: 'ddl_world',
  setup: [
    'create table t (id int primary key, a text, b int not null default 3)',
    `insert into t values (1, 'a', 1)`,
  ],
  stages: [
    { sql: [`insert into t values (2, 'b', 2)`] },
    {
      sql: [
        'alter table t add column d numeric(5,2) default 1.5',
        `insert into t values (3, 'c', 3, 2.5)`,
      ],
    },
    {
      sql: [
        'alter table t drop column a',
        'insert into t values (4, 4, 4.5)',
        'update t set b = 9 where id = 1',
      ],
    },
    { sql: ['alter table t rename column b to bb', 'insert into t values (5, 5, 5.5)'] },
    { sql: ['alter table t alter column bb type bigint', 'insert into t values (6, 6, 6.5)'] },
    {
      sql: [
        'alter table t alter column d set not null',
        'delete from t where id = 3',
        'insert into t values (7, 6, 6.5)',
      ],
    },
    {
      sql: [
        'alter table t alter column d type text',
        `insert into t values (8, 6, 'x')`,
        'delete from t where id = 8',
      ],
    },
    {
      sql: [
        'alter table t alter column d type varchar(9)',
        `insert into t values (9, 6, 'x')`,
        'update t set id = 90 where id = 9',
      ],
    },
    { sql: ['alter table t rename to t2', `insert into t2 values (10, 6, 'x')`] },
    { sql: ['alter table t2 rename to t', `insert into t values (11, 6, 'x')`] },
  ],
  variants: [
    { name: 'ddl', tables: ['t'] },
    {
      name: 'ddl_toast',
      tables: ['t.?'],
      config: {
        'schema.refresh.mode': 'columns_diff_exclude_unchanged_toast',
      },
    },
  ],
};
