import {
  decodeVersioned,
  encodeVersioned,
  ErrorCode,
  messages,
  readMessageVersion,
  type GroupMetadataValue,
} from '@millrace/kafka-protocol';
import type { GroupRecord } from './classic/group-state.ts';
import { isConsumerKey, readChange, type ReplayedChange } from './consumer/records.ts';
import type { GroupLogRecord } from './group-log-record.ts';

/** Versions that Kafka 3.x and 4.x write, so that its tools read our folder. */
const OFFSET_KEY_VERSION = 1;
const OFFSET_VALUE_VERSION = 3;
const GROUP_KEY_VERSION = 2;
const GROUP_VALUE_VERSION = 3;

export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitTimestampMs: number;
  /** From clients before 2.1, which said themselves when an offset expires; -1 for others. */
  readonly expireTimestampMs: number;
}

export function offsetRecord(
  group: string,
  topic: string,
  partition: number,
  committed: CommittedOffset | null,
): GroupLogRecord {
  const key = encodeVersioned(messages.offsetCommitKey, OFFSET_KEY_VERSION, {
    group,
    topic,
    partition,
  });
  if (committed === null) return { key, value: null };
  // Only version 1 has an expiry of its own, and it has no leader epoch.
  const version = committed.expireTimestampMs >= 0 ? 1 : OFFSET_VALUE_VERSION;
  const value = encodeVersioned(messages.offsetCommitValue, version, {
    offset: committed.offset,
    ...(version === 1
      ? { expireTimestamp: committed.expireTimestampMs }
      : { leaderEpoch: committed.leaderEpoch }),
    metadata: committed.metadata,
    commitTimestamp: committed.commitTimestampMs,
  });
  return { key, value };
}

export function groupRecord(group: string, record: GroupRecord | null): GroupLogRecord {
  const key = encodeVersioned(messages.groupMetadataKey, GROUP_KEY_VERSION, { group });
  const value =
    record === null
      ? null
      : encodeVersioned(messages.groupMetadataValue, GROUP_VALUE_VERSION, record);
  return { key, value };
}

export type ReplayedRecord =
  | {
      readonly kind: 'offset';
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
      readonly committed: CommittedOffset | null;
    }
  | { readonly kind: 'group'; readonly group: string; readonly record: GroupMetadataValue | null }
  /** Of a group of KIP-848. */
  | ({ readonly kind: 'consumer' } & ReplayedChange)
  /** Of a kind of group that is not served: share and streams groups. */
  | { readonly kind: 'unknown'; readonly keyVersion: number };

export function readGroupRecord(key: Uint8Array, value: Uint8Array | null): ReplayedRecord {
  const keyVersion = readMessageVersion(key);
  if (keyVersion <= OFFSET_KEY_VERSION) {
    const { group, topic, partition } = decodeVersioned(messages.offsetCommitKey, key).value;
    return { kind: 'offset', group, topic, partition, committed: readCommitted(value) };
  }
  if (keyVersion === GROUP_KEY_VERSION) {
    const { group } = decodeVersioned(messages.groupMetadataKey, key).value;
    const record =
      value === null ? null : decodeVersioned(messages.groupMetadataValue, value).value;
    return { kind: 'group', group, record };
  }
  if (isConsumerKey(keyVersion)) return { kind: 'consumer', ...readChange(keyVersion, key, value) };
  return { kind: 'unknown', keyVersion };
}

function readCommitted(value: Uint8Array | null): CommittedOffset | null {
  if (value === null) return null;
  const decoded = decodeVersioned(messages.offsetCommitValue, value).value;
  return {
    offset: decoded.offset,
    leaderEpoch: decoded.leaderEpoch,
    metadata: decoded.metadata,
    commitTimestampMs: decoded.commitTimestamp,
    expireTimestampMs: decoded.expireTimestamp,
  };
}

/** What clients are told when a record of a group, not of an offset, could not be stored. */
export function groupErrorCode(errorCode: number): number {
  return errorCode === ErrorCode.INVALID_COMMIT_OFFSET_SIZE
    ? ErrorCode.UNKNOWN_SERVER_ERROR
    : errorCode;
}
