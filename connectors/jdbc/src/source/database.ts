import { MysqlSession, mysqlWords } from './mysql/session.ts';
import { PostgresSession, postgresWords } from './postgres/session.ts';
import type { SessionPorts, SourceSession, SqlWords } from './session.ts';

/** A kind of database that can be read. */
export interface SourceDatabase {
  readonly words: SqlWords;
  open(ports: SessionPorts): Promise<SourceSession>;
}

const postgres: SourceDatabase = {
  words: postgresWords,
  open: (ports) => PostgresSession.open(ports),
};
const mysql: SourceDatabase = { words: mysqlWords, open: (ports) => MysqlSession.open(ports) };

/** By the subprotocol of the URL; parsing has refused all others. */
export const databaseOf = (subprotocol: string): SourceDatabase =>
  subprotocol === 'postgresql' ? postgres : mysql;
