import { systemClock, type Clock, type Logger } from '@millrace/foundation';
import type { Admin } from '@millrace/kafka-client';
import { groupInUse } from './errors.ts';

const LOOK_AGAIN_MS = 1000;
/** A Kafka Connect worker that was killed is forgotten after its `session.timeout.ms`, 10 s unless configured. */
const PATIENCE_MS = 60_000;

export interface GroupWatch {
  readonly admin: Pick<Admin, 'describeGroups'>;
  readonly groupId: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Waits until no worker of Kafka Connect is in the group: it would run the same connectors from the same topics, and
 * everything twice (INV-9).
 * @throws MillraceError `worker.group_in_use`
 */
export async function untilGroupIsFree(watch: GroupWatch): Promise<void> {
  const { groupId, log, signal, clock = systemClock } = watch;
  const sinceMs = clock.monotonicMs();
  for (let looks = 0; ; looks++) {
    const count = await memberCount(watch);
    if (count === 0) return;
    if (clock.monotonicMs() - sinceMs >= PATIENCE_MS) throw groupInUse(groupId, count);
    if (looks === 0)
      log.warn(
        { group: groupId, members: count },
        'workers of Kafka Connect are in this group; waiting for them to leave, else everything would run twice',
      );
    await clock.sleep(LOOK_AGAIN_MS, signal);
  }
}

async function memberCount({ admin, groupId, log }: GroupWatch): Promise<number> {
  try {
    const [group] = await admin.describeGroups([groupId]);
    return group?.protocolType === 'connect' ? group.members.length : 0;
  } catch (error) {
    log.warn(
      { group: groupId, err: error },
      'whether workers of Kafka Connect are in this group could not be found out; see that none runs',
    );
    return 0;
  }
}
