import type { MetadataImage, MetadataRecord } from './metadata-image.ts';

/**
 * Where the cluster's decisions become durable. `FileMetadataLog` is a quorum of one; a replicated
 * `__cluster_metadata` log takes its place behind this interface (ARCHITECTURE D9).
 */
export interface MetadataLog {
  /** The newest durable image. */
  readonly image: MetadataImage;
  /**
   * Decides on the newest image, one decision at a time, and makes it durable before it answers.
   * `decide` returns the records, or none to change nothing. Once this answers, `image` has them.
   */
  change(decide: (image: MetadataImage) => readonly MetadataRecord[]): Promise<MetadataImage>;
}
