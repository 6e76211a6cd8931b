import type { World } from '../world.ts';
import type { Flavour } from './columns.ts';
import { scrub } from './scrub.ts';

/** Both sides have read each of them before the next one: ours looks a changed table up on the server. */
const STATEMENTS: readonly string[] = [
  "insert into t values (2, 'b')",
  'alter table t add column b int not null default 7, add index ix(b)',
  "insert into t values (3, 'c', 8)",
  'alter table t modify a varchar(50) not null, drop index ix',
  'alter table t change b bb bigint unsigned',
  "insert into t values (5, 'e', 10)",
  'alter table t add column first0 int first, add column mid int after a',
  "insert into t values (1, 6, 'f', 2, 3)",
  'alter table t drop column mid',
  "update t set a = 'x' where id = 2",
  'alter table t drop primary key, add primary key (id, a)',
  "insert into t (id, a) values (7, 'g')",
  'delete from t where id = 7',
  'rename table t to t9',
  "insert into t9 (id, a) values (8, 'h')",
  'alter table t9 rename to t',
  "insert into t (id, a) values (9, 'i')",
  "create table n1 (id int primary key, v text) comment = 'x'",
  "insert into n1 values (1, 'a')",
  'create table n2 like n1',
  "insert into n2 values (1, 'a')",
  'create table n3 as select id, v from n1',
  'drop table n1, n2',
  'create table if not exists n3 (id int)',
  'drop table if exists nope',
  'create table exb (id int)',
  'insert into exb values (1)',
  'alter table exb add v int',
  'drop table exb',
  'create index i1 on n3(id)',
  'drop index i1 on n3',
  'truncate table n3',
  "alter table n3 comment 'hello'",
  'create view v1 as select 1',
  '/* before */ alter /* within */ table n3 add column w int -- behind',
  'insert into n3 (id) values (6)',
  'ALTER TABLE `ddl_db`.`n3` ADD COLUMN `we ird` INT, ALGORITHM=INPLACE, LOCK=NONE',
  'alter table cs convert to character set utf8mb4',
  'create database ddl_other',
  'drop database ddl_other',
  'alter database ddl_db character set latin1',
  'create table afterdb (id int primary key, s varchar(3))',
  "insert into afterdb values (1, 'x')",
  'rename table n3 to n4, cs to n5',
  'insert into n4 (id) values (44)',
  'drop table n4',
];

/** Statements in mid-stream: rows around them, the topic of schema changes and the history. */
export function ddlWorld(flavour: Flavour): World {
  const isChange = (sql: string): boolean => !/^(?:insert|update|delete)/i.test(sql);
  const create =
    flavour === 'mysql'
      ? 'create table cs (id int primary key, a varchar(5) character set latin1, b char(3)) default charset latin2'
      : 'create table cs (id int primary key, a varchar(5) character set latin1, b char(3)) default charset latin2 collate latin2_bin';
  const stages: { sql: string[] }[] = [];
  for (const sql of STATEMENTS) {
    const stage = stages.at(-1);
    if (stage === undefined || isChange(sql)) stages.push({ sql: [sql] });
    else stage.sql.push(sql);
  }
  return {
    name: 'ddl_db',
    setup: [
      'create table t (id int primary key, a varchar(20))',
      "insert into t values (1, 'a')",
      'create table exa (id int primary key)',
      create,
    ],
    stages,
    variants: [
      {
        name: 'ddl',
        tables: [],
        config: {
          'table.exclude.list': 'ddl_db\\.ex.*',
          'schema.history.internal.store.only.captured.databases.ddl': 'true',
        },
        allowance: { scrub },
      },
      {
        name: 'captured',
        tables: [],
        config: {
          'table.exclude.list': 'ddl_db\\.ex.*',
          'schema.history.internal.store.only.captured.databases.ddl': 'true',
          'schema.history.internal.store.only.captured.tables.ddl': 'true',
        },
        allowance: { scrub },
      },
    ],
  };
}
