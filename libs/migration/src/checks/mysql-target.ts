import type { TablePair } from '../schema/schema-plan.ts';
import type { Session } from '../server/session-api.ts';
import type { Finding } from './finding.ts';

export function checkMysqlTarget(
  _session: Session,
  _pairs: readonly TablePair[],
  _isFresh: boolean,
): Promise<readonly Finding[]> {
  return Promise.resolve([]);
}
