import { escapeTopic } from '@millrace/cdc';
import type { TableName } from '../model/catalog.ts';

export type Direction = 'forward' | 'reverse';

/** What a migration calls its parts. All follow from the two databases, so that a second run finds them again. */
export interface MigrationNames {
  /** Of topics, and of the source in its offsets. */
  readonly prefix: string;
  /** Replication slot and publication. */
  readonly slot: string;
  readonly source: string;
  readonly sink: string;
  readonly group: string;
  topic(table: TableName): string;
}

export function namesFor(id: string, direction: Direction): MigrationNames {
  const [suffix, slotSuffix] = direction === 'forward' ? ['', ''] : ['-back', '_back'];
  const prefix = `migration-${id}${suffix}`;
  const sink = `${prefix}-sink`;
  return {
    prefix,
    slot: `millrace_${id}${slotSuffix}`,
    source: `${prefix}-source`,
    sink,
    group: `connect-${sink}`,
    topic: ({ schema, name }) => escapeTopic(`${prefix}.${schema}.${name}`),
  };
}
