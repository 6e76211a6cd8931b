import { MillraceError } from '@millrace/foundation';
import type { Settings } from './settings.ts';

const LOST: ReadonlySet<string> = new Set([
  'mysql.binlog_purged',
  'mysql.server_changed',
  'mysql.gtids_unknown',
  'mysql.gtid_mode',
  'mysql.binlog_unreadable',
]);

const LOST_HISTORY = 'mysql.history_missing';

export function isMendedBySnapshot(error: unknown, plan: Settings['snapshot']): boolean {
  if (!(error instanceof MillraceError)) return false;
  if (error.code === LOST_HISTORY) return plan.mendsLostHistory;
  return plan.mendsLostPosition && LOST.has(error.code);
}
