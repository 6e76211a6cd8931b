import {
  attributesOf,
  messages,
  readBatchHeader,
  Reader,
  RecordBatchBuilder,
  writeBatchHeader,
  Writer,
  type Message,
} from '@millrace/kafka-protocol';

/** Kafka's types of control records that a quorum writes. */
export const ControlType = {
  LEADER_CHANGE: 2,
  SNAPSHOT_HEADER: 3,
  SNAPSHOT_FOOTER: 4,
  KRAFT_VERSION: 5,
  VOTERS: 6,
} as const;

export interface ControlRecord {
  readonly type: number;
  readonly value: Uint8Array;
}

/** A voter of the quorum with the way to it. */
export interface Voter {
  readonly nodeId: number;
  readonly directoryId: string;
  readonly host: string;
  readonly port: number;
}

/** The name of the listener by which voters reach one another. */
export const CONTROLLER_LISTENER = 'CONTROLLER';
export const KRAFT_VERSION = 1;

export function leaderChange(leaderId: number, voters: readonly Voter[]): ControlRecord {
  const list = voters.map(({ nodeId }) => ({ voterId: nodeId }));
  const change = { leaderId, voters: list, grantingVoters: list };
  // Version 1 has directory ids too, but Kafka 4.1 neither writes nor reads it.
  return {
    type: ControlType.LEADER_CHANGE,
    value: encode(messages.leaderChangeMessage, change, 0),
  };
}

export function kraftVersion(): ControlRecord {
  const value = encode(messages.kRaftVersionRecord, { kRaftVersion: KRAFT_VERSION }, 0);
  return { type: ControlType.KRAFT_VERSION, value };
}

export function votersRecord(voters: readonly Voter[]): ControlRecord {
  const value = {
    voters: voters.map(({ nodeId, directoryId, host, port }) => ({
      voterId: nodeId,
      voterDirectoryId: directoryId,
      endpoints: [{ name: CONTROLLER_LISTENER, host, port }],
      kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: KRAFT_VERSION },
    })),
  };
  return { type: ControlType.VOTERS, value: encode(messages.votersRecord, value, 0) };
}

/** Who votes, by their node ids. */
export function voterIdsOf({ value }: ControlRecord): readonly number[] {
  return messages.votersRecord.decode(new Reader(value), 0).voters.map(({ voterId }) => voterId);
}

export function snapshotHeader(lastContainedLogTimestamp: number): ControlRecord {
  return {
    type: ControlType.SNAPSHOT_HEADER,
    value: encode(messages.snapshotHeaderRecord, { lastContainedLogTimestamp }, 0),
  };
}

export function snapshotFooter(): ControlRecord {
  const value = encode(messages.snapshotFooterRecord, {}, 0);
  return { type: ControlType.SNAPSHOT_FOOTER, value };
}

/** One control batch; unlike markers of transactions it belongs to no producer. */
export function controlBatch(
  records: readonly ControlRecord[],
  timestampMs: number,
  position: { readonly baseOffset?: number; readonly leaderEpoch: number },
): Uint8Array {
  const builder = new RecordBatchBuilder();
  for (const { type, value } of records) {
    const key = new Writer();
    key.int16(0);
    key.int16(type);
    builder.append(key.finish(), value, timestampMs);
  }
  const bytes = builder.buildSync({
    baseOffset: position.baseOffset ?? 0,
    partitionLeaderEpoch: position.leaderEpoch,
  });
  const attributes = attributesOf({ isControl: true });
  writeBatchHeader(bytes, 0, bytes.byteLength, { ...readBatchHeader(bytes, 0), attributes });
  return bytes;
}

function encode<T, TInput>(
  message: Message<T, TInput>,
  value: NoInfer<TInput>,
  version: number,
): Uint8Array {
  const writer = new Writer();
  message.encode(writer, value, version);
  return writer.finish();
}
