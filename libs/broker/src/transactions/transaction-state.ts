/** The states under Kafka's names; the place in the list is the number in `__transaction_state`. */
export const TRANSACTION_PHASES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const;

export type TransactionPhase = (typeof TRANSACTION_PHASES)[number];

/** Topic to partition numbers. */
export type PartitionsByTopic = ReadonlyMap<string, ReadonlySet<number>>;

export const NO_PARTITIONS: PartitionsByTopic = new Map();
export const NO_PRODUCER_ID = -1;
export const NO_EPOCH = -1;
/** Kafka's `transaction.version` from which on each end of a transaction raises the epoch (KIP-890). */
export const EPOCH_BUMP_VERSION = 2;
/** The last epoch is kept for the coordinator, so that it can always fence. */
const EPOCH_MAX = 32_767;

/** What one record of `__transaction_state` says. Values, never changed in place. */
export interface TransactionState {
  readonly producerId: number;
  /** The id before a change of ids: a client that missed the answer still comes with it. */
  readonly previousProducerId: number;
  /** The id that takes over when the markers are written, since the epochs of this one are used up; else -1. */
  readonly nextProducerId: number;
  readonly epoch: number;
  /** The epoch before a bump that the client asked for, -1 after one that it must not survive. Not stored. */
  readonly lastEpoch: number;
  readonly timeoutMs: number;
  readonly phase: TransactionPhase;
  readonly partitions: PartitionsByTopic;
  /** When the first partition was added; -1 when no transaction was begun. */
  readonly startMs: number;
  readonly updateMs: number;
  /** `transaction.version` of the client that made the last change: 0 or 2. */
  readonly clientVersion: number;
}

/** Names a request that waits for its answer. Made and resolved by the coordinator. */
export type Token = number;

/** What must be durable before anybody is told. One at a time for each transactional id. */
export type PendingKind = 'init' | 'add' | 'end' | 'fence' | 'complete' | 'expire';

export interface Pending {
  readonly kind: PendingKind;
  readonly next: TransactionState;
  /** Who waits for it; nobody for what the coordinator does by itself. */
  readonly token: Token | undefined;
}

/** One transactional id. Changed by `stepTransaction` alone. */
export interface Transaction {
  readonly transactionalId: string;
  /** What is durable, except for an id that is new: its epoch is still -1. */
  state: TransactionState;
  pending: Pending | undefined;
}

export function newTransaction(
  transactionalId: string,
  producerId: number,
  timeoutMs: number,
  nowMs: number,
): Transaction {
  return {
    transactionalId,
    state: {
      producerId,
      previousProducerId: NO_PRODUCER_ID,
      nextProducerId: NO_PRODUCER_ID,
      epoch: NO_EPOCH,
      lastEpoch: NO_EPOCH,
      timeoutMs,
      phase: 'Empty',
      partitions: NO_PARTITIONS,
      startMs: -1,
      updateMs: nowMs,
      clientVersion: 0,
    },
    pending: undefined,
  };
}

export function isEpochExhausted(epoch: number): boolean {
  return epoch >= EPOCH_MAX - 1;
}

/** Its markers are being written. */
export function isEnding({ state: { phase } }: Transaction): boolean {
  return phase === 'PrepareCommit' || phase === 'PrepareAbort';
}

/** Nothing is on its way to the disk or to the partitions: another change may begin. */
export function isSettled(transaction: Transaction): boolean {
  return transaction.pending === undefined && !isEnding(transaction);
}

export function includesAll(partitions: PartitionsByTopic, asked: PartitionsByTopic): boolean {
  for (const [topic, numbers] of asked) {
    const known = partitions.get(topic);
    if (known === undefined) return false;
    for (const partition of numbers) if (!known.has(partition)) return false;
  }
  return true;
}

export function union(left: PartitionsByTopic, right: PartitionsByTopic): PartitionsByTopic {
  const all = new Map(left);
  for (const [topic, numbers] of right) {
    all.set(topic, new Set([...(left.get(topic) ?? []), ...numbers]));
  }
  return all;
}

export function onePartition(topic: string, partition: number): PartitionsByTopic {
  return new Map([[topic, new Set([partition])]]);
}
