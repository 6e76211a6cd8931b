import {
  apis,
  ErrorCode,
  type DescribeClientQuotasRequest,
  type DescribeClientQuotasRequestComponent,
} from '@millrace/kafka-protocol';
import type { QuotaEntityPart } from '../metadata/security-image.ts';
import { inKafkasOrder } from '../quotas/quota-problems.ts';
import { serve, type ServedApi } from '../served-api.ts';

const Match = { EXACT: 0, DEFAULT: 1, ANY: 2 } as const;
const TYPES: readonly string[] = ['user', 'client-id', 'ip'];

/** The order of Kafka's answers, which tests of clients rely on; others follow. */
const ORDER = ['consumer_byte_rate', 'request_percentage', 'producer_byte_rate'];

function placeOf(key: string): number {
  const at = ORDER.indexOf(key);
  return at < 0 ? ORDER.length : at;
}

export const describeClientQuotasHandler: ServedApi = serve(
  apis.describeClientQuotas,
  (request, { core }) => {
    const problem = findProblem(request);
    if (problem !== undefined) return { ...problem, entries: null };
    const { components, strict } = request;
    const found = [...core.metadata.image.security.clientQuotas.values()].filter(
      ({ entity }) =>
        components.every((component) => isMatch(component, entity)) &&
        (!strict || entity.length === components.length),
    );
    return {
      errorCode: ErrorCode.NONE,
      entries: found.map(({ entity, values }) => ({
        entity: inKafkasOrder(entity),
        values: [...values]
          .map(([key, value]) => ({ key, value }))
          .sort((a, b) => placeOf(a.key) - placeOf(b.key)),
      })),
    };
  },
);

interface Problem {
  readonly errorCode: number;
  readonly errorMessage: string;
}

function findProblem({ components }: DescribeClientQuotasRequest): Problem | undefined {
  const types = components.map(({ entityType }) => entityType);
  for (const [index, { entityType, matchType, match }] of components.entries()) {
    if (entityType === '') return invalid('Invalid empty entity type');
    if (!TYPES.includes(entityType))
      return {
        errorCode: ErrorCode.UNSUPPORTED_VERSION,
        errorMessage: `Custom entity type ${entityType} not supported`,
      };
    if (types.indexOf(entityType) !== index)
      return invalid(`Duplicate ${entityType} filter component entity type`);
    if (matchType === Match.EXACT && match === null)
      return invalid('Request specified MATCH_TYPE_EXACT, but set match string to null.');
    if ((matchType === Match.DEFAULT || matchType === Match.ANY) && match !== null)
      return invalid('Request specified a match string for a match type that has none.');
    if (matchType < Match.EXACT || matchType > Match.ANY)
      return invalid(`Unknown match type ${matchType}`);
  }
  return types.includes('ip') && types.length > 1
    ? invalid(
        'Invalid entity filter component combination, IP filter component should not be used with user or clientId filter component.',
      )
    : undefined;
}

function invalid(errorMessage: string): Problem {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}

function isMatch(
  { entityType, matchType, match }: DescribeClientQuotasRequestComponent,
  entity: readonly QuotaEntityPart[],
): boolean {
  const part = entity.find((other) => other.entityType === entityType);
  if (part === undefined) return false;
  if (matchType === Match.ANY) return true;
  return matchType === Match.DEFAULT ? part.entityName === null : part.entityName === match;
}
