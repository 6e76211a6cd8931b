import type { MetadataImage } from './metadata-image.ts';
import type { MetadataRecord } from './metadata-records.ts';

/** What DescribeQuorum tells. */
export interface QuorumState {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly logEndOffset: number;
  readonly highWatermark: number;
  /** Kafka's `directory.id` of the folder that holds the log. */
  readonly directoryId: string;
}

/** Where the cluster's decisions become durable (ARCHITECTURE D9). */
export interface MetadataLog {
  /** The newest durable image. */
  readonly image: MetadataImage;
  /** The offset of the last record in `image`: clients see by it which is newer. */
  readonly appliedOffset: number;
  readonly quorum: QuorumState;
  /**
   * Decides on the newest image, one decision at a time, and makes it durable before it answers.
   * `decide` returns the records, or none to change nothing; all of them become true at once. Once
   * this answers, `image` has them.
   */
  change(decide: (image: MetadataImage) => readonly MetadataRecord[]): Promise<MetadataImage>;
}
