import {
  apis,
  ErrorCode,
  type DeleteAclsRequest,
  type DeleteAclsResponseInput,
} from '@millrace/kafka-protocol';
import { storageRefusal, type Call } from '../core.ts';
import type { AccessControlEntry } from '../metadata/security-image.ts';
import type { Refusal } from '../refusal.ts';
import { findFilterProblem } from '../security/acl-problems.ts';
import { isWanted } from '../security/acl.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const deleteAclsHandler: ServedApi = serve(apis.deleteAcls, deleteAcls);

async function deleteAcls(
  { filters }: DeleteAclsRequest,
  { core }: Call,
): Promise<DeleteAclsResponseInput> {
  if (!core.security.hasAuthorizer) {
    const error = {
      errorCode: ErrorCode.SECURITY_DISABLED,
      errorMessage: 'No Authorizer is configured.',
    };
    return { filterResults: filters.map(() => ({ ...error, matchingAcls: [] })) };
  }
  let found: readonly (readonly AccessControlEntry[])[] = filters.map(() => []);
  let refused: Refusal | undefined;
  await core.metadata
    .change((image) => {
      const entries = [...image.security.acls.values()];
      found = filters.map((filter) =>
        findFilterProblem(filter) === undefined
          ? entries.filter((entry) => isWanted(entry, filter))
          : [],
      );
      const ids = new Set(found.flat().map(({ id }) => id));
      return [...ids].map((id) => ({ kind: 'access-control-entry-removed' as const, id }));
    })
    .catch((error: unknown) => {
      refused = storageRefusal(core, error);
    });
  return {
    filterResults: filters.map((filter, index) => {
      const problem = findFilterProblem(filter);
      if (problem !== undefined)
        return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: problem, matchingAcls: [] };
      if (refused !== undefined)
        return { errorCode: refused.errorCode, errorMessage: refused.message, matchingAcls: [] };
      const matchingAcls = (found[index] ?? []).map((entry) => ({
        errorCode: ErrorCode.NONE,
        ...entry,
      }));
      return { errorCode: ErrorCode.NONE, matchingAcls };
    }),
  };
}
