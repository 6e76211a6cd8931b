import type { Catalog } from '../model/catalog.ts';
import type { Session } from '../server/session-api.ts';
import type { Finding } from './finding.ts';
import type { SourceNeeds } from './postgres-source.ts';

export function checkMysqlSource(
  _session: Session,
  _catalog: Catalog,
  _needs: SourceNeeds,
): Promise<readonly Finding[]> {
  return Promise.resolve([]);
}
