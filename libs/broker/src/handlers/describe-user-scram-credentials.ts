import {
  apis,
  ErrorCode,
  type DescribeUserScramCredentialsResponseInput,
} from '@millrace/kafka-protocol';
import type { UserScramCredential } from '../metadata/security-image.ts';
import { serve, type ServedApi } from '../served-api.ts';

type Result = DescribeUserScramCredentialsResponseInput['results'][number];

/** Which users have which mechanism; nothing from which a password could be guessed. */
export const describeUserScramCredentialsHandler: ServedApi = serve(
  apis.describeUserScramCredentials,
  ({ users }, { core }) => {
    const byUser = new Map<string, UserScramCredential[]>();
    for (const credential of core.metadata.image.security.scramCredentials.values()) {
      byUser.set(credential.name, [...(byUser.get(credential.name) ?? []), credential]);
    }
    const asked = users === null || users.length === 0 ? undefined : users.map(({ name }) => name);
    const names = [...new Set(asked ?? byUser.keys())];
    return {
      errorCode: ErrorCode.NONE,
      results: names.map((name) => {
        if ((asked ?? []).filter((other) => other === name).length > 1)
          return refused(
            name,
            ErrorCode.DUPLICATE_RESOURCE,
            `Cannot describe SCRAM credentials for the same user twice in a single request: ${name}`,
          );
        const found = byUser.get(name);
        if (found === undefined)
          return refused(
            name,
            ErrorCode.RESOURCE_NOT_FOUND,
            `Attempt to describe a user credential that does not exist: ${name}`,
          );
        const credentialInfos = found
          .map(({ mechanism, iterations }) => ({ mechanism, iterations }))
          .sort((one, other) => one.mechanism - other.mechanism);
        return { user: name, errorCode: ErrorCode.NONE, credentialInfos };
      }),
    };
  },
);

function refused(user: string, errorCode: number, errorMessage: string): Result {
  return { user, errorCode, errorMessage, credentialInfos: [] };
}
