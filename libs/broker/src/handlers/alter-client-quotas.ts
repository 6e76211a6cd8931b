import {
  apis,
  ErrorCode,
  type AlterClientQuotasRequest,
  type AlterClientQuotasRequestEntry,
  type AlterClientQuotasResponseInput,
} from '@millrace/kafka-protocol';
import { storageRefusal, type Call } from '../core.ts';
import {
  quotaKey,
  type ClientQuotaRecord,
  type SecurityImage,
} from '../metadata/security-image.ts';
import { findEntityProblem, findQuotaProblem, inKafkasOrder } from '../quotas/quota-problems.ts';
import type { Refusal } from '../refusal.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const alterClientQuotasHandler: ServedApi = serve(apis.alterClientQuotas, alterClientQuotas);

/** One durable change for all entities without a fault. */
async function alterClientQuotas(
  request: AlterClientQuotasRequest,
  { core }: Call,
): Promise<AlterClientQuotasResponseInput> {
  let outcomes: readonly (readonly ClientQuotaRecord[] | Refusal)[] = [];
  let failure: Refusal | undefined;
  await core.metadata
    .change((image) => {
      outcomes = decide(request, image.security, core.settings.values['client.quotas.max']);
      if (request.validateOnly) return [];
      return outcomes.flatMap((outcome) => ('errorCode' in outcome ? [] : outcome));
    })
    .catch((error: unknown) => {
      failure = storageRefusal(core, error);
    });
  return {
    entries: request.entries.map(({ entity }, index) => {
      const outcome = outcomes[index];
      const refused = outcome !== undefined && 'errorCode' in outcome ? outcome : failure;
      return {
        errorCode: refused?.errorCode ?? ErrorCode.NONE,
        errorMessage: refused?.message ?? null,
        entity: inKafkasOrder(entity),
      };
    }),
  };
}

function decide(
  { entries }: AlterClientQuotasRequest,
  image: SecurityImage,
  quotasMax: number,
): readonly (readonly ClientQuotaRecord[] | Refusal)[] {
  const seen = new Set<string>();
  let count = image.clientQuotas.size;
  return entries.map((entry) => {
    const problem = findEntityProblem(entry.entity) ?? findOpsProblem(entry);
    if (problem !== undefined) return invalid(problem);
    const key = quotaKey(entry.entity);
    if (seen.has(key)) return invalid('Ignoring duplicate entity');
    seen.add(key);
    if (!image.clientQuotas.has(key)) count += 1;
    // INV-6
    if (count > quotasMax)
      return {
        errorCode: ErrorCode.POLICY_VIOLATION,
        message: `The broker may have quotas for ${quotasMax} entities at most (client.quotas.max).`,
      };
    return recordsOf(entry, image.clientQuotas.get(key)?.values ?? new Map<string, number>());
  });
}

function findOpsProblem({ entity, ops }: AlterClientQuotasRequestEntry): string | undefined {
  const keys = ops.map(({ key }) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) return `Duplicate quota key ${twice} not updating quota for this entity`;
  for (const { key, value, remove } of ops) {
    const problem = remove ? undefined : findQuotaProblem(entity, key, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Only what changes something. */
function recordsOf(
  { entity, ops }: AlterClientQuotasRequestEntry,
  current: ReadonlyMap<string, number>,
): readonly ClientQuotaRecord[] {
  return ops
    .filter(({ key, value, remove }) => (remove ? current.has(key) : current.get(key) !== value))
    .map(({ key, value, remove }) => ({
      kind: 'client-quota',
      entity,
      key,
      value: remove ? 0 : value,
      remove,
    }));
}

function invalid(message: string): Refusal {
  return { errorCode: ErrorCode.INVALID_REQUEST, message };
}
