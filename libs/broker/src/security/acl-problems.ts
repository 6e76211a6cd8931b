import {
  AclOperation,
  AclPattern,
  AclPermission,
  AclResource,
  CLUSTER_NAME,
  type AclFilter,
} from './acl.ts';
import type { AccessControlEntry } from '../metadata/security-image.ts';
import { parsePrincipal } from './principal.ts';

/** Why an entry can't be, in Kafka's words; undefined when it can. */
export function findEntryProblem(entry: Omit<AccessControlEntry, 'id'>): string | undefined {
  const { resourceType, resourceName, patternType, principal, operation, permissionType } = entry;
  if (resourceType === AclResource.CLUSTER && resourceName !== CLUSTER_NAME)
    return `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`;
  if (resourceName === '') return 'Invalid empty resource name';
  if (!isKnown(AclResource, resourceType, AclResource.ANY)) return 'Invalid resourceType';
  if (patternType !== AclPattern.LITERAL && patternType !== AclPattern.PREFIXED)
    return 'Invalid patternType';
  if (!isKnown(AclOperation, operation, AclOperation.ANY)) return 'Invalid operation';
  if (!isKnown(AclPermission, permissionType, AclPermission.ANY)) return 'Invalid permissionType';
  if (parsePrincipal(principal) === undefined)
    return `Could not parse principal from \`${principal}\` (no colon is present separating the principal type from the principal name)`;
  return undefined;
}

/** Why a filter can't be. */
export function findFilterProblem(filter: AclFilter): string | undefined {
  const isUnderstood =
    isKnown(AclResource, filter.resourceTypeFilter) &&
    isKnown(AclPattern, filter.patternTypeFilter) &&
    isKnown(AclOperation, filter.operation) &&
    isKnown(AclPermission, filter.permissionType);
  return isUnderstood ? undefined : 'The AclBindingFilter must not contain UNKNOWN elements.';
}

function isKnown(table: Readonly<Record<string, number>>, value: number, except = 0): boolean {
  return value !== except && Object.values(table).includes(value);
}
