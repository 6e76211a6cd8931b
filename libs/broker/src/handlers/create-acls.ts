import {
  apis,
  ErrorCode,
  uuidFromBytes,
  type CreateAclsRequest,
  type CreateAclsRequestCreation,
  type CreateAclsResponseInput,
} from '@millrace/kafka-protocol';
import { storageRefusal, type BrokerCore, type Call } from '../core.ts';
import type {
  AccessControlEntry,
  AccessControlEntryRecord,
  SecurityImage,
} from '../metadata/security-image.ts';
import type { Refusal } from '../refusal.ts';
import { findEntryProblem } from '../security/acl-problems.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const createAclsHandler: ServedApi = serve(apis.createAcls, createAcls);

async function createAcls(
  { creations }: CreateAclsRequest,
  { core }: Call,
): Promise<CreateAclsResponseInput> {
  if (!core.security.hasAuthorizer)
    return {
      results: creations.map(() => ({
        errorCode: ErrorCode.SECURITY_DISABLED,
        errorMessage: 'No Authorizer is configured.',
      })),
    };
  const entries = creations.map(entryOf);
  let refused: Refusal | undefined;
  const problems = entries.map(findEntryProblem);
  await core.metadata
    .change((image) => {
      const wanted = entries.filter((_, index) => problems[index] === undefined);
      const added = newEntries(wanted, image.security, core);
      refused = findLimitReached(image.security.acls.size + added.length, core);
      return refused === undefined ? added : [];
    })
    .catch((error: unknown) => {
      refused = storageRefusal(core, error);
    });
  return {
    results: problems.map((problem) => {
      if (problem !== undefined)
        return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: problem };
      return {
        errorCode: refused?.errorCode ?? ErrorCode.NONE,
        errorMessage: refused?.message ?? null,
      };
    }),
  };
}

function entryOf(creation: CreateAclsRequestCreation): Omit<AccessControlEntry, 'id'> {
  const { resourcePatternType: patternType, ...entry } = creation;
  return { ...entry, patternType };
}

/** Those that are not there yet: to create one again changes nothing. */
function newEntries(
  wanted: readonly Omit<AccessControlEntry, 'id'>[],
  image: SecurityImage,
  { random }: BrokerCore,
): readonly AccessControlEntryRecord[] {
  const known = new Set([...image.acls.values()].map(sameness));
  return wanted.flatMap((entry) => {
    const key = sameness(entry);
    if (known.has(key)) return [];
    known.add(key);
    const id = uuidFromBytes(random.nextBytes(16));
    return [{ kind: 'access-control-entry' as const, id, ...entry }];
  });
}

function sameness(entry: Omit<AccessControlEntry, 'id'>): string {
  const { resourceType, resourceName, patternType, principal, host } = entry;
  const { operation, permissionType } = entry;
  return JSON.stringify([
    resourceType,
    resourceName,
    patternType,
    principal,
    host,
    operation,
    permissionType,
  ]);
}

/** INV-6 */
function findLimitReached(count: number, { settings }: BrokerCore): Refusal | undefined {
  const aclsMax = settings.values['acls.max'];
  if (count <= aclsMax) return undefined;
  return {
    errorCode: ErrorCode.POLICY_VIOLATION,
    message: `The broker may have ${aclsMax} ACLs at most (acls.max).`,
  };
}
