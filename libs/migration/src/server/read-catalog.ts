import type { Catalog } from '../model/catalog.ts';
import type { Selection } from '../model/selection.ts';
import { readMysqlCatalog } from '../mysql/catalog.ts';
import { readPostgresCatalog } from '../postgres/catalog.ts';
import type { Session } from './session-api.ts';

export function readCatalog(session: Session, selection: Selection): Promise<Catalog> {
  return session.endpoint.family === 'postgres'
    ? readPostgresCatalog(session, selection)
    : readMysqlCatalog(session, selection);
}
