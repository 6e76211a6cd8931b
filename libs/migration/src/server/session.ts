import { postgresSession } from './postgres/open-session.ts';
import { mysqlSession } from './mysql/open-session.ts';
import type { Endpoint } from './endpoint.ts';
import type { Session } from './session-api.ts';

/** @throws MillraceError `migration.server_unreachable` */
export function openSession(endpoint: Endpoint, name = 'migrate'): Promise<Session> {
  return endpoint.family === 'postgres'
    ? postgresSession(endpoint, name)
    : mysqlSession(endpoint, name);
}
