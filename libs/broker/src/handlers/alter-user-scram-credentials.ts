import {
  apis,
  ErrorCode,
  type AlterUserScramCredentialsRequest,
  type AlterUserScramCredentialsRequestUpsertion,
  type AlterUserScramCredentialsResponseInput,
} from '@millrace/kafka-protocol';
import { storageRefusal, type Call } from '../core.ts';
import { scramKey, type SecurityImage, type SecurityRecord } from '../metadata/security-image.ts';
import type { Refusal } from '../refusal.ts';
import { scramRecord } from '../security/scram-bootstrap.ts';
import {
  credentialOf,
  ITERATIONS_MAX,
  ITERATIONS_MIN,
  scramMechanismByNumber,
} from '../security/scram-credentials.ts';
import { serve, type ServedApi } from '../served-api.ts';

export const alterUserScramCredentialsHandler: ServedApi = serve(
  apis.alterUserScramCredentials,
  alterUserScramCredentials,
);

/** One durable change for all users without a fault; each of the others learns his own. */
async function alterUserScramCredentials(
  request: AlterUserScramCredentialsRequest,
  { core }: Call,
): Promise<AlterUserScramCredentialsResponseInput> {
  let outcomes = new Map<string, SecurityRecord | Refusal>();
  try {
    await core.metadata.change((image) => {
      outcomes = decide(request, image.security);
      return [...outcomes.values()].filter((outcome) => 'kind' in outcome);
    });
  } catch (error) {
    const refused = storageRefusal(core, error);
    outcomes = new Map([...outcomes.keys()].map((user) => [user, refused]));
  }
  return {
    results: [...outcomes].map(([user, outcome]) => ({
      user,
      errorCode: 'kind' in outcome ? ErrorCode.NONE : outcome.errorCode,
      errorMessage: 'kind' in outcome ? null : outcome.message,
    })),
  };
}

function decide(
  { deletions, upsertions }: AlterUserScramCredentialsRequest,
  image: SecurityImage,
): Map<string, SecurityRecord | Refusal> {
  const outcomes = new Map<string, SecurityRecord | Refusal>();
  const add = (name: string, outcome: SecurityRecord | Refusal): void => {
    outcomes.set(name, outcomes.has(name) ? TWICE : outcome);
  };
  for (const { name, mechanism } of deletions) {
    const problem =
      findProblem(name, mechanism) ??
      (image.scramCredentials.has(scramKey(mechanism, name)) ? undefined : NOT_THERE);
    add(name, problem ?? { kind: 'user-scram-credential-removed', name, mechanism });
  }
  for (const upsertion of upsertions) add(upsertion.name, upsert(upsertion));
  return outcomes;
}

function upsert(upsertion: AlterUserScramCredentialsRequestUpsertion): SecurityRecord | Refusal {
  const { name, iterations, salt, saltedPassword } = upsertion;
  const problem = findProblem(name, upsertion.mechanism);
  if (problem !== undefined) return problem;
  if (iterations < ITERATIONS_MIN) return unacceptable('Too few iterations');
  if (iterations > ITERATIONS_MAX) return unacceptable('Too many iterations');
  if (salt.byteLength === 0 || saltedPassword.byteLength === 0)
    return unacceptable('Salt and salted password must not be empty');
  const mechanism = scramMechanismByNumber(upsertion.mechanism) ?? 'SCRAM-SHA-256';
  return scramRecord(mechanism, name, credentialOf(mechanism, saltedPassword, salt, iterations));
}

function findProblem(name: string, mechanism: number): Refusal | undefined {
  if (name === '') return unacceptable('Username must not be empty');
  if (scramMechanismByNumber(mechanism) !== undefined) return undefined;
  return {
    errorCode: ErrorCode.UNSUPPORTED_SASL_MECHANISM,
    message: 'Unknown SCRAM mechanism',
  };
}

function unacceptable(message: string): Refusal {
  return { errorCode: ErrorCode.UNACCEPTABLE_CREDENTIAL, message };
}

const TWICE: Refusal = {
  errorCode: ErrorCode.DUPLICATE_RESOURCE,
  message: 'A user credential cannot be altered twice in the same request',
};
const NOT_THERE: Refusal = {
  errorCode: ErrorCode.RESOURCE_NOT_FOUND,
  message: 'Attempt to delete a user credential that does not exist',
};
