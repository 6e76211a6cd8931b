import type { Catalog } from '../model/catalog.ts';
import type { TablePair } from '../schema/schema-plan.ts';
import type { Session } from '../server/session-api.ts';
import type { Finding } from './finding.ts';
import { checkMysqlSource } from './mysql-source.ts';
import { checkMysqlTarget } from './mysql-target.ts';
import { checkPostgresSource, type SourceNeeds } from './postgres-source.ts';
import { checkPostgresTarget } from './postgres-target.ts';

export function checkSource(
  session: Session,
  catalog: Catalog,
  needs: SourceNeeds,
): Promise<readonly Finding[]> {
  return session.endpoint.family === 'postgres'
    ? checkPostgresSource(session, catalog, needs)
    : checkMysqlSource(session, catalog, needs);
}

export function checkTarget(
  session: Session,
  pairs: readonly TablePair[],
  catalog: Catalog,
  isFresh: boolean,
): Promise<readonly Finding[]> {
  return session.endpoint.family === 'postgres'
    ? checkPostgresTarget(session, pairs, catalog, isFresh)
    : checkMysqlTarget(session, pairs, isFresh);
}
