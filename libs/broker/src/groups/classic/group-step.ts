import { unreachable } from '@millrace/foundation';
import type { GroupEffect, GroupEvent, Step } from './events.ts';
import type { GroupLimits, GroupState } from './group-state.ts';
import { join } from './joining.ts';
import { leave, passTime } from './membership.ts';
import { handOver, rebalance } from './rebalance.ts';
import { heartbeat, stored, sync } from './syncing.ts';

/*
 * The classic group protocol as a step function: an event comes in, the state changes, effects go
 * out. No clock, no chance, no I/O. Rules are Kafka's, KIP-394 (known member ids), KIP-345 (static
 * members), KIP-814 (a static leader that comes back) included.
 *
 *   Empty -> PreparingRebalance -> CompletingRebalance -> Stable
 *   (nobody)  (JoinGroups wait)     (SyncGroups wait)      (heartbeats)
 *
 * Any change of the membership leads back to PreparingRebalance. An assignment counts only once the
 * coordinator has stored it and says so with 'group-stored' (INV-7).
 */
/** Changes `group` in place and returns what the world must now be told. */
export function stepGroup(
  group: GroupState,
  event: GroupEvent,
  limits: GroupLimits,
  nowMs: number,
): readonly GroupEffect[] {
  const step: Step = { group, limits, nowMs, effects: [] };
  switch (event.kind) {
    case 'join':
      join(step, event);
      break;
    case 'sync':
      sync(step, event);
      break;
    case 'heartbeat':
      heartbeat(step, event);
      break;
    case 'leave':
      leave(step, event);
      break;
    case 'group-stored':
      stored(step, event.generation, event.errorCode);
      break;
    case 'member-gone':
      rebalance(step);
      break;
    case 'handed-over':
      handOver(step);
      return step.effects;
    case 'time-passed':
      break;
    default:
      return unreachable(event);
  }
  passTime(step);
  return step.effects;
}
