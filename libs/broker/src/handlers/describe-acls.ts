import { apis, ErrorCode, type DescribeAclsResponseInput } from '@millrace/kafka-protocol';
import type { AccessControlEntry } from '../metadata/security-image.ts';
import { findFilterProblem } from '../security/acl-problems.ts';
import { isWanted } from '../security/acl.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const describeAclsHandler: ServedApi = serve(apis.describeAcls, (filter, { core }) => {
  if (!core.security.hasAuthorizer)
    return {
      errorCode: ErrorCode.SECURITY_DISABLED,
      errorMessage: 'No Authorizer is configured on the broker',
      resources: [],
    };
  const problem = findFilterProblem(filter);
  if (problem !== undefined)
    return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: problem, resources: [] };
  const entries = [...core.metadata.image.security.acls.values()];
  return {
    errorCode: ErrorCode.NONE,
    resources: byResource(entries.filter((entry) => isWanted(entry, filter))),
  };
});

function byResource(
  entries: readonly AccessControlEntry[],
): DescribeAclsResponseInput['resources'] {
  const resources = new Map<string, AccessControlEntry[]>();
  for (const entry of entries) {
    const key = `${entry.resourceType}:${entry.patternType}:${entry.resourceName}`;
    resources.set(key, [...(resources.get(key) ?? []), entry]);
  }
  return [...resources.values()].flatMap((acls) => {
    const [first] = acls;
    if (first === undefined) return [];
    const { resourceType, resourceName, patternType } = first;
    return [{ resourceType, resourceName, patternType, acls }];
  });
}
