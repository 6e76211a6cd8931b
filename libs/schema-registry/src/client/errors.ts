import { MillraceError } from '@millrace/foundation';

/** No registry of the list answered, or each was overloaded or broken. The same request may succeed later. */
export function registryUnavailable(what: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'registry.unavailable',
    retry: 'retriable',
    message: `the schema registry could not be asked to ${what}: ${reason}`,
    hint: 'check that schema.registry.url names a registry that runs and can be reached; errors.retry.timeout says for how long records wait for it',
    cause,
  });
}

/** The registry said no, and will say it again: an incompatible or invalid schema, or one that it does not know. */
export function registryRefused(
  what: string,
  answer: { readonly status: number; readonly errorCode: number; readonly message: string },
): MillraceError {
  return new MillraceError({
    code: 'registry.refused',
    retry: 'fatal',
    message: `the schema registry refused to ${what}: ${answer.message}; error code: ${answer.errorCode}`,
    hint: hintOf(answer.status),
    context: { status: answer.status, errorCode: answer.errorCode },
  });
}

/** The registry answered with something that its protocol does not have. Usually the url is not a registry's. */
export function registryNonsense(what: string): MillraceError {
  return new MillraceError({
    code: 'registry.bad_answer',
    retry: 'fatal',
    message: `asked to ${what}, the schema registry gave an answer that is not one of a schema registry`,
    hint: 'check schema.registry.url',
  });
}

function hintOf(status: number): string {
  switch (status) {
    case 401:
    case 403:
      return 'check the credentials (basic.auth.user.info, bearer.auth.token) and what they may do';
    case 404:
      return 'check that the record was written with this registry, and that the subject exists';
    case 409:
      return 'the schema is not compatible with the versions before: mend it, or the compatibility level of the subject';
    default:
      return 'mend the schema, or what the subject allows';
  }
}
