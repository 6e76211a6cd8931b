import type { MetadataImage } from './metadata/metadata-image.ts';
import type { MetadataRecord } from './metadata/metadata-records.ts';

/** What a cluster can agree on (KIP-584): a range that we can do, and the level that it does. */
export interface Feature {
  readonly name: string;
  readonly minLevel: number;
  readonly maxLevel: number;
  /** The level of a cluster that has never decided on it. */
  readonly defaultLevel: number;
}

export const METADATA_VERSION = 'metadata.version';
export const TRANSACTION_VERSION = 'transaction.version';
export const ELR_VERSION = 'eligible.leader.replicas.version';

/** A feature belongs here when all of it is served: clients act on it (`transaction.version` 2, say). */
export const features: readonly Feature[] = [
  // 4.1-IV1, whose records we write. Older ones are read.
  { name: METADATA_VERSION, minLevel: 27, maxLevel: 27, defaultLevel: 27 },
  { name: 'kraft.version', minLevel: 0, maxLevel: 1, defaultLevel: 1 },
  // Groups of KIP-848.
  { name: 'group.version', minLevel: 0, maxLevel: 1, defaultLevel: 1 },
  { name: ELR_VERSION, minLevel: 0, maxLevel: 1, defaultLevel: 1 },
  // KIP-890: writes add their partitions to the transaction, each end of one gives a new epoch.
  { name: TRANSACTION_VERSION, minLevel: 0, maxLevel: 2, defaultLevel: 2 },
];

export function findFeature(name: string): Feature | undefined {
  return features.find((feature) => feature.name === name);
}

/** Belongs to the quorum, which keeps it in control records. */
export const KRAFT_VERSION_FEATURE = 'kraft.version';

/** 0 when the feature is off, or not ours. */
export function finalizedLevel(image: MetadataImage, name: string): number {
  const feature = findFeature(name);
  if (feature === undefined) return 0;
  return name === KRAFT_VERSION_FEATURE
    ? feature.defaultLevel
    : (image.features.get(name) ?? feature.defaultLevel);
}

/** Levels for the features that the cluster has not decided on: all of them at the first start. */
export function undecidedFeatures(image: MetadataImage): readonly MetadataRecord[] {
  return features
    .filter(({ name }) => name !== KRAFT_VERSION_FEATURE && !image.features.has(name))
    .map(({ name, defaultLevel }) => ({
      kind: 'feature-level',
      name,
      featureLevel: defaultLevel,
    }));
}
