import type { Catalog } from '../model/catalog.ts';
import type { Selection } from '../model/selection.ts';
import type { Session } from '../server/session-api.ts';

export function readMysqlCatalog(_session: Session, _selection: Selection): Promise<Catalog> {
  return Promise.reject(new Error('not yet'));
}
