import { MillraceError } from '@millrace/foundation';

/** A file of the metadata can't be read: damaged, or written by a newer version. Nothing was changed. */
export function damagedMetadata(path: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'broker.metadata_damaged',
    retry: 'fatal',
    message: `the metadata in "${path}" can't be read`,
    hint: 'restore the file from a backup, or start the version that wrote it',
    context: { path },
    cause,
  });
}

/** A record of the metadata log that can't be understood: damaged, or written by a newer version. */
export function damagedRecord(what: string): MillraceError {
  return new MillraceError({
    code: 'broker.metadata_record_damaged',
    retry: 'fatal',
    message: `the metadata log holds what can't be understood: ${what}`,
    hint: 'start the version that wrote it, or restore __cluster_metadata-0 from a backup',
    context: { what },
  });
}

/** The folder is that of a node in a larger quorum, which decides together with others. */
export function notSoleVoter(nodeId: number, voters: readonly number[]): MillraceError {
  return new MillraceError({
    code: 'broker.not_sole_voter',
    retry: 'fatal',
    message: `the metadata log is of a quorum of nodes ${voters.join(', ')}, expected ${nodeId} alone`,
    hint: 'start it as part of that cluster, or take other folders as log.dirs',
    context: { nodeId, voters },
  });
}

/** A change of the metadata could not be made durable, so it was not made: the disk is full or has failed. */
export function metadataNotWritten(cause: MillraceError): MillraceError {
  return new MillraceError({
    code: 'broker.metadata_not_written',
    retry: cause.retry,
    message: `a change of the metadata was not stored: ${cause.message}`,
    hint: 'make room on the disk of the first of log.dirs, or restart after mending it',
    cause,
  });
}

/** A listener that can't be understood or is of a kind that isn't served. */
export function invalidListener(listener: string, expected: string): MillraceError {
  return new MillraceError({
    code: 'broker.invalid_listener',
    retry: 'fatal',
    message: `listener "${listener}", expected ${expected}`,
    hint: 'write listeners as NAME://host:port, such as PLAINTEXT://127.0.0.1:9092',
    context: { listener },
  });
}

/** The address is taken by another process, or is none of this machine's. */
export function listenFailed(host: string, port: number, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'broker.listen_failed',
    retry: 'fatal',
    message: `can't listen on "${host}:${port}"`,
    hint: 'stop what uses the port, or set broker.listeners to another address',
    context: { host, port },
    cause,
  });
}

/** A listener that other machines can reach asks nobody who he is, and nobody decided that it may. Nothing was opened. */
export function unauthenticatedListener(listener: {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly advertised: { readonly host: string; readonly port: number } | undefined;
}): MillraceError {
  const { name, host, port, advertised } = listener;
  const told = advertised === undefined ? '' : `, advertised as "${advertised.host}"`;
  return new MillraceError({
    code: 'broker.unauthenticated_listener',
    retry: 'fatal',
    message: `listener "${name}://${host}:${port}"${told} can be reached from other machines and lets anybody in`,
    hint: `let clients authenticate (listener.security.protocol.map=${name}:SASL_SSL with sasl.enabled.mechanisms, or ${name}:SSL with ssl.client.auth=required; OAUTHBEARER needs sasl.oauthbearer.jwks.endpoint.url), or listen on 127.0.0.1, or decide that it may stay open: listener.name.${name.toLowerCase()}.allow.unauthenticated.access=true. A worker has these keys with broker. before them`,
    context: { listener: name, host, port },
  });
}

/** The key, certificate or trust store of a listener can't be used. */
export function unusableTls(listener: string, problem: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'broker.unusable_tls',
    retry: 'fatal',
    message: `TLS of listener "${listener}" can't be set up: ${problem}`,
    hint: 'check ssl.keystore.type, .location, .key and .certificate.chain, ssl.keystore.password, ssl.key.password and ssl.truststore.*',
    context: { listener },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A request that is not to be sent before authentication, or after its session has ended. */
export function notAuthenticated(problem: string): MillraceError {
  return new MillraceError({
    code: 'broker.not_authenticated',
    retry: 'fatal',
    message: problem,
    hint: 'set security.protocol and sasl.mechanism of the client as the listener wants',
  });
}

/** An api for which nobody has said who may use it, asked while an authoriser is on. */
export function noGuard(name: string): MillraceError {
  return new MillraceError({
    code: 'broker.api_without_guard',
    retry: 'fatal',
    message: `nobody but super users may ask ${name}`,
    hint: 'ask as one of super.users',
    context: { name },
  });
}

/** Settings that contradict one another. All are named. */
export function invalidSettings(problems: readonly string[]): MillraceError {
  return new MillraceError({
    code: 'broker.invalid_settings',
    retry: 'fatal',
    message: problems.join('; '),
    hint: 'mend the named settings',
    context: { problems },
  });
}

/** Deleted since it was looked up; whoever asks again is told so. */
export function topicGone(topic: string): MillraceError {
  return new MillraceError({
    code: 'broker.topic_gone',
    retry: 'retriable',
    message: `topic "${topic}" has been deleted`,
    hint: 'ask for its metadata again',
    context: { topic },
  });
}

/** The broker was closed while the request waited, or before it came. */
export function brokerClosed(): MillraceError {
  return new MillraceError({
    code: 'broker.closed',
    retry: 'retriable',
    message: 'the embedded broker is closed',
  });
}

/** A request in a version that is not served, on the in-process transport. */
export function versionNotServed(name: string, version: number): MillraceError {
  return new MillraceError({
    code: 'broker.version_not_served',
    retry: 'fatal',
    message: `${name} version ${version} is not served`,
    hint: 'choose a version out of connection.versions',
    context: { name, version },
  });
}

/** A partition did not take the end of a transaction: its disk failed or is full. It is tried again until it does. */
export function markerRefused(topic: string, partition: number, errorCode: number): MillraceError {
  return new MillraceError({
    code: 'broker.marker_refused',
    retry: 'retriable',
    message: `the marker for "${topic}-${partition}" was refused with ${errorCode}`,
    hint: 'look for what the log of this partition says about its disk',
    context: { topic, partition, errorCode },
  });
}
