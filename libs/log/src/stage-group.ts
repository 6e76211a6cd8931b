import type { Deferred } from '@millrace/foundation';
import {
  isControl,
  openBatchSync,
  patchBaseOffset,
  patchLeaderEpoch,
  patchLogAppendTime,
  readControlMarker,
  type BatchHeader,
  type ControlMarker,
} from '@millrace/kafka-protocol';
import { refused, type Appended, type AppendRefused, type AppendResult } from './append-types.ts';
import type { AppendOrigin, CheckedBatch } from './check-append.ts';
import {
  coordinatorFenced,
  invalidProducerEpoch,
  invalidTransactionState,
  outOfOrderSequence,
  unexpectedOffset,
} from './errors.ts';
import { isCompacted, type LogConfig } from './log-config.ts';
import {
  checkSequence,
  StagedProducerStates,
  stateAfterBatch,
  stateAfterMarker,
  type ProducerState,
  type ProducerStates,
} from './producer-states.ts';
import type { Segment } from './segment.ts';
import type { TailSlice } from './tail-cache.ts';

/** One `writev`: more slices or bytes gain nothing and hold the partition longer, as measured. */
const GROUP_APPENDS_MAX = 1024;
const GROUP_BYTES_MAX = 4 * 1024 * 1024;

export interface QueuedAppend {
  readonly bytes: Uint8Array;
  readonly batches: readonly CheckedBatch[];
  readonly maxTimestampMs: number;
  readonly leaderEpoch: number;
  readonly isDurable: boolean;
  /** As in `AppendOptions`. */
  readonly beginsAtZero: boolean;
  readonly origin: AppendOrigin;
  readonly done: Deferred<AppendResult>;
  result: Appended | undefined;
  isSettled: boolean;
}

export interface Group {
  readonly appends: QueuedAppend[];
  readonly slices: Uint8Array[];
  readonly tail: TailSlice[];
  readonly baseOffset: number;
  nextOffset: number;
  bytes: number;
  recordCount: number;
  nowMs: number;
  /** Some of its appends are answered only after a flush. */
  hasDurable: boolean;
}

/** Whether the append, behind `groupBytes` staged ones, belongs in a new segment. */
export function mustRoll(
  segment: Segment,
  config: LogConfig,
  append: QueuedAppend,
  groupBytes: number,
  nextOffset: number,
  clockMs: number,
): boolean {
  const used = segment.bytes + groupBytes;
  if (used === 0) {
    const base = append.origin === 'follower' ? append.batches[0]?.header.baseOffset : undefined;
    return !segment.hasRoomFor(base ?? nextOffset, Infinity);
  }
  if (used + append.bytes.byteLength > config['segment.bytes']) return true;
  const startMs = segment.firstTimestampMs >= 0 ? segment.firstTimestampMs : segment.createdMs;
  const nowMs =
    segment.firstTimestampMs >= 0 && append.maxTimestampMs >= 0 ? append.maxTimestampMs : clockMs;
  const rollMs = maxSegmentMs(config) - segment.rollJitterMs;
  // By our clock too: after a jump of the producers' clock into the future their times stand still for as long.
  if (nowMs - startMs > rollMs || clockMs - segment.createdMs > rollMs) return true;
  let lastOffset = nextOffset - 1;
  for (const { header } of append.batches) {
    if (append.origin === 'follower') lastOffset = header.baseOffset + header.lastOffsetDelta;
    else lastOffset += header.lastOffsetDelta + 1;
  }
  return !segment.hasRoomFor(lastOffset, config['segment.index.bytes']);
}

/** A compacted log rolls early enough for `max.compaction.lag.ms`: the active segment is never compacted. */
export function maxSegmentMs(config: LogConfig): number {
  return isCompacted(config)
    ? Math.min(config['segment.ms'], config['max.compaction.lag.ms'])
    : config['segment.ms'];
}

export interface Staging {
  /** The active one. */
  readonly segment: Segment;
  readonly producers: ProducerStates;
  readonly config: LogConfig;
  readonly baseOffset: number;
  readonly logStartOffset: number;
  readonly nowMs: number;
}

export interface Staged {
  readonly group: Group;
  /** How many appends of the queue are in the group or refused. */
  readonly taken: number;
  readonly refusals: readonly (readonly [QueuedAppend, AppendRefused])[];
}

/**
 * Takes appends from the queue as long as they fit in one write to the active segment: checks their
 * sequence numbers, gives them offsets, and patches these in place. Changes nothing that is kept.
 */
export function stageGroup(queue: readonly QueuedAppend[], staging: Staging): Staged {
  const { baseOffset, nowMs } = staging;
  const group: Group = {
    appends: [],
    slices: [],
    tail: [],
    baseOffset,
    nextOffset: baseOffset,
    bytes: 0,
    recordCount: 0,
    nowMs,
    hasDurable: false,
  };
  const staged = new StagedProducerStates(staging.producers);
  const refusals: [QueuedAppend, AppendRefused][] = [];
  let taken = 0;
  for (const append of queue) {
    if (taken > 0) {
      if (group.appends.length >= GROUP_APPENDS_MAX) break;
      if (group.bytes + append.bytes.byteLength > GROUP_BYTES_MAX) break;
      const { segment, config } = staging;
      if (mustRoll(segment, config, append, group.bytes, group.nextOffset, nowMs)) break;
    }
    taken += 1;
    const refusal = stage(staging, group, append, staged);
    if (refusal === undefined) {
      group.appends.push(append);
      group.hasDurable ||= append.isDurable;
    } else refusals.push([append, refusal]);
  }
  return { group, taken, refusals };
}

function stage(
  staging: Staging,
  group: Group,
  append: QueuedAppend,
  staged: StagedProducerStates,
): AppendRefused | undefined {
  const baseOffset = group.nextOffset;
  if (append.origin === 'follower') {
    const given = append.batches[0]?.header.baseOffset ?? baseOffset;
    if (given < baseOffset) {
      return refused('unexpected-offset', unexpectedOffset(baseOffset, given));
    }
  } else {
    const outcome = checkProducers(staging, append, baseOffset, staged);
    if (outcome?.kind === 'refused') return outcome;
    if (outcome !== undefined) {
      append.result = outcome;
      return undefined;
    }
  }
  const isLogAppendTime = staging.config['message.timestamp.type'] === 'LogAppendTime';
  let nextOffset = baseOffset;
  let firstOffset = -1;
  for (const { at, header } of append.batches) {
    if (append.origin === 'follower') nextOffset = header.baseOffset;
    else {
      patchBaseOffset(append.bytes, at, nextOffset);
      patchLeaderEpoch(append.bytes, at, append.leaderEpoch);
      if (isLogAppendTime) patchLogAppendTime(append.bytes, at, group.nowMs);
    }
    if (firstOffset < 0) firstOffset = nextOffset;
    nextOffset += header.lastOffsetDelta + 1;
    group.recordCount += header.recordCount;
  }
  append.result = {
    kind: 'appended',
    baseOffset: firstOffset,
    lastOffset: nextOffset - 1,
    logAppendTimeMs: isLogAppendTime && append.origin !== 'follower' ? group.nowMs : -1,
    logStartOffset: staging.logStartOffset,
    isDuplicate: false,
  };
  group.slices.push(append.bytes);
  group.tail.push({ bytes: append.bytes, nextOffset });
  group.bytes += append.bytes.byteLength;
  group.nextOffset = nextOffset;
  return undefined;
}

/** What is appended in a transaction by the broker itself: offsets of groups, and markers. */
function checkCoordinator(
  state: ProducerState | undefined,
  { producerId, producerEpoch }: BatchHeader,
  marker: ControlMarker | undefined,
): AppendRefused | undefined {
  if (state === undefined) return undefined;
  if (producerEpoch < state.epoch) {
    const error = invalidProducerEpoch(producerId, state.epoch, producerEpoch);
    return refused('invalid-producer-epoch', error);
  }
  if (marker === undefined || marker.coordinatorEpoch >= state.coordinatorEpoch) return undefined;
  return refused(
    'coordinator-fenced',
    coordinatorFenced(producerId, state.coordinatorEpoch, marker.coordinatorEpoch),
  );
}

/** Undefined when the batches are to be appended; the first answer when they were appended before. */
function checkProducers(
  staging: Staging,
  append: QueuedAppend,
  baseOffset: number,
  staged: StagedProducerStates,
): Appended | AppendRefused | undefined {
  let offset = baseOffset;
  const own = append.batches.length > 1 ? new StagedProducerStates(staged) : staged;
  for (const { at, header } of append.batches) {
    const { producerId } = header;
    if (producerId >= 0) {
      const state = own.get(producerId);
      if (append.origin === 'coordinator') {
        // The coordinators number nothing, but a fenced one of them must not write either.
        const marker = isControl(header.attributes)
          ? readControlMarker(openBatchSync(append.bytes, at))
          : undefined;
        const refusal = checkCoordinator(state, header, marker);
        if (refusal !== undefined) return refusal;
        if (marker !== undefined) own.set(stateAfterMarker(state, header, marker, staging.nowMs));
        else if (!isControl(header.attributes))
          own.set(stateAfterBatch(state, header, offset, staging.nowMs));
      } else {
        const check = checkSequence(state, header, append.beginsAtZero);
        switch (check.kind) {
          case 'append':
            own.set(stateAfterBatch(state, header, offset, staging.nowMs));
            break;
          case 'duplicate':
            return {
              kind: 'appended',
              baseOffset: check.batch.baseOffset,
              lastOffset: check.batch.lastOffset,
              logAppendTimeMs:
                staging.config['message.timestamp.type'] === 'LogAppendTime'
                  ? check.batch.timestampMs
                  : -1,
              logStartOffset: staging.logStartOffset,
              isDuplicate: true,
            };
          case 'out-of-order':
            return refused(
              'out-of-order-sequence',
              outOfOrderSequence(producerId, check.expected, header.baseSequence),
            );
          case 'fenced':
            return refused(
              'invalid-producer-epoch',
              invalidProducerEpoch(producerId, check.current, header.producerEpoch),
            );
          case 'transaction-open':
            return refused('invalid-transaction-state', invalidTransactionState(producerId));
        }
      }
    }
    offset += header.lastOffsetDelta + 1;
  }
  if (own !== staged) own.copyTo(staged);
  return undefined;
}
