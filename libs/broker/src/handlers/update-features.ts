import {
  apis,
  ErrorCode,
  type UpdateFeaturesRequest,
  type UpdateFeaturesRequestFeatureUpdate,
  type UpdateFeaturesResponseInput,
} from '@millrace/kafka-protocol';
import { storageRefusal, type Call } from '../core.ts';
import { finalizedLevel, findFeature, KRAFT_VERSION_FEATURE } from '../features.ts';
import type { MetadataImage } from '../metadata/metadata-image.ts';
import { serve, type ServedApi } from '../served-api.ts';

const UpgradeType = { UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const;
/** Up to this version each feature has a result of its own. */
const RESULTS_UP_TO = 1;

export const updateFeaturesHandler: ServedApi = serve(apis.updateFeatures, updateFeatures);

/** All of the features or none (KIP-584). */
async function updateFeatures(
  request: UpdateFeaturesRequest,
  { core, version }: Call,
): Promise<UpdateFeaturesResponseInput> {
  let problem: string | undefined;
  const { nodeId } = core;
  try {
    await core.metadata.change((image) => {
      problem = findProblem(request, version, image, nodeId);
      if (problem !== undefined || request.validateOnly) return [];
      return request.featureUpdates
        .filter(
          ({ feature, maxVersionLevel }) => finalizedLevel(image, feature) !== maxVersionLevel,
        )
        .map(({ feature, maxVersionLevel }) => ({
          kind: 'feature-level',
          name: feature,
          featureLevel: maxVersionLevel,
        }));
    });
  } catch (error) {
    const { errorCode, message } = storageRefusal(core, error);
    return { errorCode, errorMessage: message };
  }
  if (problem !== undefined) {
    return {
      errorCode: ErrorCode.INVALID_UPDATE_VERSION,
      errorMessage: `The update failed for all features since the following feature had an error: ${problem}`,
    };
  }
  const results = version > RESULTS_UP_TO ? [] : resultsOf(request.featureUpdates);
  return { errorCode: ErrorCode.NONE, errorMessage: null, results };
}

function resultsOf(
  updates: readonly UpdateFeaturesRequestFeatureUpdate[],
): NonNullable<UpdateFeaturesResponseInput['results']> {
  return updates.map(({ feature }) => ({
    feature,
    errorCode: ErrorCode.NONE,
    errorMessage: 'NONE',
  }));
}

function findProblem(
  { featureUpdates }: UpdateFeaturesRequest,
  version: number,
  image: MetadataImage,
  nodeId: number,
): string | undefined {
  for (const update of featureUpdates) {
    const reason = findReason(update, version, image, nodeId);
    if (reason !== undefined)
      return `Invalid update version ${update.maxVersionLevel} for feature ${update.feature}. ${reason}`;
  }
  return undefined;
}

function findReason(
  { feature, maxVersionLevel, allowDowngrade, upgradeType }: UpdateFeaturesRequestFeatureUpdate,
  version: number,
  image: MetadataImage,
  nodeId: number,
): string | undefined {
  const oldType = allowDowngrade ? UpgradeType.SAFE_DOWNGRADE : UpgradeType.UPGRADE;
  const type = version === 0 ? oldType : upgradeType;
  if (!Object.values<number>(UpgradeType).includes(type))
    return 'The controller does not support the given upgrade type.';
  if (maxVersionLevel < 0) return 'A feature version cannot be less than 0.';
  const known = findFeature(feature);
  if (known === undefined) return `Local controller ${nodeId} does not support this feature.`;
  const { minLevel, maxLevel } = known;
  // Level 0 takes a feature away, so that it needs no support.
  if ((maxVersionLevel < minLevel && maxVersionLevel !== 0) || maxVersionLevel > maxLevel)
    return `Local controller ${nodeId} only supports versions ${minLevel}-${maxLevel}`;
  if (maxVersionLevel >= finalizedLevel(image, feature)) return undefined;
  if (feature === KRAFT_VERSION_FEATURE) return "Can't downgrade the version of this feature.";
  if (type === UpgradeType.UPGRADE)
    return "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.";
  return maxVersionLevel < minLevel
    ? `Local controller ${nodeId} only supports versions ${minLevel}-${maxLevel}`
    : undefined;
}
