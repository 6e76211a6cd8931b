import type { AlteredSourceOffset } from '@millrace/connector-api';
import { offsetsInvalid } from './errors.ts';
import { positionOf } from './position.ts';

/**
 * Offsets that a person sets: those of Debezium or ours, from which a place in the stream can be read.
 * @throws MillraceError `postgres.offsets_invalid`
 */
export function checkOffsets(offsets: readonly AlteredSourceOffset[]): void {
  for (const { partition, offset } of offsets) {
    // To be forgotten: whatever it is.
    if (offset === null) continue;
    if (typeof partition['server'] !== 'string')
      throw offsetsInvalid('the partition must hold "server", the topic.prefix of the connector');
    // An offset that says nothing would silently begin with a snapshot.
    if (positionOf(offset).kind === 'none')
      throw offsetsInvalid(
        `the offset must hold "lsn", "lsn_proc" or "lsn_commit" as a number; it holds ${Object.keys(offset).join(', ') || 'nothing'}`,
      );
  }
}
