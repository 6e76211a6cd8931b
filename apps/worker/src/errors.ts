import { MillraceError } from '@millrace/foundation';

/** The request can't be carried out as it is; the message is the client's to read. Answered with 400. */
export function badRequest(message: string, hint?: string): MillraceError {
  return new MillraceError({
    code: 'connect.bad_request',
    retry: 'fatal',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A request that only workers of a group make, without their signature. Answered with 400, in Connect's words. */
export function unsignedRequest(): MillraceError {
  return badRequest('Internal request missing required signature');
}

/** The same, signed in another way. Answered with 400, in Connect's words. */
export function unsupportedSignature(given: string, known: readonly string[]): MillraceError {
  return badRequest(
    `This worker does not support the '${given}' key signing algorithm used by other workers. This worker is currently configured to use: [${known.join(', ')}]. Check that all workers' configuration files permit the same set of signature algorithms, and correct any misconfigured worker and restart it.`,
  );
}

/** The same, signed with a key that is not the group's. Answered with 403, in Connect's words. */
export function invalidSignature(): MillraceError {
  return new MillraceError({
    code: 'connect.forbidden',
    retry: 'fatal',
    message: 'Internal request contained invalid signature.',
  });
}

/** No such path, or a path parameter that can't name anything. Answered with 404. */
export function noSuchPath(): MillraceError {
  return new MillraceError({
    code: 'connect.not_found',
    retry: 'fatal',
    message: 'HTTP 404 Not Found',
  });
}

/** No logger of that name has a level of its own. Answered with 404. */
export function noSuchLogger(name: string): MillraceError {
  return new MillraceError({
    code: 'connect.not_found',
    retry: 'fatal',
    message: `Logger ${name} not found.`,
    hint: 'GET /admin/loggers lists those with a level of their own; PUT gives any name one',
  });
}

/** A log level that does not exist. Connect answers 404, and so do we. */
export function noSuchLevel(level: string): MillraceError {
  return new MillraceError({
    code: 'connect.not_found',
    retry: 'fatal',
    message: `invalid log level '${level}'.`,
    hint: 'use OFF, ERROR, WARN, INFO or DEBUG',
  });
}

/** The body is not JSON, or not of the expected shape. Connect answers 500, and so do we. */
export function unreadableBody(reason: string): MillraceError {
  return new MillraceError({
    code: 'rest.unreadable_body',
    retry: 'fatal',
    message: `the request body can't be read: ${reason}`,
    hint: 'send a JSON object with the header Content-Type: application/json',
  });
}

/** A body of another media type. Answered with 415. */
export function unsupportedMediaType(given: string): MillraceError {
  return new MillraceError({
    code: 'rest.unsupported_media_type',
    retry: 'fatal',
    message: 'HTTP 415 Unsupported Media Type',
    hint: `send Content-Type: application/json instead of "${given}"`,
  });
}

/** The request does not say who makes it, or not rightly. Answered with 401, in the words of Kafka Connect. */
export function unauthorized(): MillraceError {
  return new MillraceError({
    code: 'rest.unauthorized',
    retry: 'fatal',
    message: 'User cannot access the resource.',
    hint: 'send the header Authorization with a name and password, or a token, that the worker knows',
  });
}

/** The client takes no JSON. Answered with 406. */
export function notAcceptable(accept: string): MillraceError {
  return new MillraceError({
    code: 'rest.not_acceptable',
    retry: 'fatal',
    message: 'HTTP 406 Not Acceptable',
    hint: `answers are application/json; "${accept}" does not include it`,
  });
}

/**
 * The request comes from a web page of another site, or by a host name that is not ours (DNS rebinding).
 * Answered with 403: without this, any page that a user visits could steer a worker on the same machine.
 */
export function foreignOrigin(what: string, hint: string): MillraceError {
  return new MillraceError({
    code: 'rest.foreign_origin',
    retry: 'fatal',
    message: `the request is refused: ${what}`,
    hint,
  });
}

/** The worker did not answer within the time limit; the operation may still be carried out. */
export function requestTimedOut(operation: string, began: Date): MillraceError {
  return new MillraceError({
    code: 'rest.request_timed_out',
    retry: 'retriable',
    message: `Request timed out. The worker is currently ${operation}, which began at ${began.toISOString()}.`,
  });
}

/** A listener can't be opened: the port is taken, needs privileges, or the host is not of this machine. */
export function listenFailed(listener: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'rest.listen_failed',
    retry: 'fatal',
    message: `the REST API can't listen on "${listener}"`,
    hint: 'another process may use the port: choose another one with the key "listeners", or stop that process',
    context: { listener },
    cause,
  });
}

/** The Kafka that `bootstrap.servers` names does not answer. Wrong address, not started yet, or no Kafka is meant. */
export function kafkaUnreachable(code: string, servers: string, cause: unknown): MillraceError {
  return new MillraceError({
    code,
    retry: 'retriable',
    message: `the Kafka cluster at "${servers}" (bootstrap.servers) can't be reached`,
    hint: 'start Kafka or mend the address; or leave bootstrap.servers out, and Millrace uses its embedded log',
    context: { servers },
    cause,
  });
}

/** Workers of Kafka Connect are still in the group whose topics this worker was told to use. */
export function groupInUse(groupId: string, members: number): MillraceError {
  return new MillraceError({
    code: 'worker.group_in_use',
    retry: 'retriable',
    message: `${members} worker(s) of Kafka Connect are in the group "${groupId}" and would run the same connectors`,
    hint: 'stop them first; or give this worker a group.id and config, offset and status topics of its own',
    context: { groupId, members },
  });
}

/** An entry of `listeners` that can't be listened on. */
export function badListener(listener: string, problem: string): MillraceError {
  return new MillraceError({
    code: 'rest.bad_listener',
    retry: 'fatal',
    message: `the listener "${listener}" is not usable: ${problem}`,
    hint: 'for example listeners=http://127.0.0.1:8083; https:// needs ssl.keystore.*',
  });
}

/** The topic of schemas is not one that a registry can keep its state in. */
export function unsuitableSchemaTopic(topic: string, problem: string): MillraceError {
  return new MillraceError({
    code: 'worker.unsuitable_schema_topic',
    retry: 'fatal',
    message: `the topic of schemas "${topic}" ${problem}`,
    hint: 'name another topic with schema.registry.kafkastore.topic; it is created as needed',
    context: { topic },
  });
}
