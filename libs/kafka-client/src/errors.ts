import { MillraceError } from '@millrace/foundation';
import { formatAddress, type BrokerAddress } from './transport.ts';

/** `bootstrap.servers` can't be read, or names no server. */
export function malformedBootstrap(servers: string, malformed: readonly string[]): MillraceError {
  const which =
    malformed.length === 0
      ? 'names no server'
      : `has malformed entries "${malformed.join('", "')}"`;
  return new MillraceError({
    code: 'client.malformed_bootstrap',
    retry: 'fatal',
    message: `bootstrap.servers "${servers}" ${which}, expected host:port separated by commas`,
    hint: 'write for example bootstrap.servers=kafka-1:9092,kafka-2:9092, IPv6 as [::1]:9092',
    context: { key: 'bootstrap.servers', malformed },
  });
}

/** Nobody accepted the connection in time: wrong address, broker down or starting, a firewall. */
export function connectFailed(address: BrokerAddress, cause: unknown): MillraceError {
  const where = formatAddress(address);
  return new MillraceError({
    code: 'client.connect_failed',
    retry: 'retriable',
    message: `no connection to the broker at ${where}`,
    hint: `check that a broker listens on ${where} and that its advertised.listeners name addresses that can be reached from here`,
    context: { address: where },
    cause,
  });
}

/**
 * The connection was established but did not become usable in time: a TLS port spoken to without
 * TLS, the reverse, or no Kafka broker at all.
 */
export function connectTimedOut(address: BrokerAddress, timeoutMs: number): MillraceError {
  const where = formatAddress(address);
  return new MillraceError({
    code: 'client.connect_timed_out',
    retry: 'retriable',
    message: `the broker at ${where} was not ready within ${timeoutMs} ms`,
    hint: 'check the address, and that security.protocol is what the listener expects',
    context: { address: where, timeoutMs },
  });
}

/** The broker's certificate is not trusted, or is for another host. */
export function tlsRefused(address: BrokerAddress, cause: unknown): MillraceError {
  const where = formatAddress(address);
  return new MillraceError({
    code: 'client.tls_refused',
    retry: 'fatal',
    message: `the TLS certificate of ${where} is not trusted`,
    hint: 'give the certificate authority that signed it, and connect by a host name that it is for',
    context: { address: where },
    cause,
  });
}

/** The broker wants a certificate of ours, doesn't like it, or doesn't speak TLS on this port. */
export function tlsFailed(address: BrokerAddress, cause: Error): MillraceError {
  const where = formatAddress(address);
  return new MillraceError({
    code: 'client.tls_failed',
    retry: 'fatal',
    message: `no TLS connection to ${where}: ${cause.message}`,
    hint: 'check that the listener speaks TLS; give a client certificate and key if it asks for one (ssl.client.auth=required)',
    context: { address: where },
    cause,
  });
}

/** Wrong user or password, or a mechanism that the listener doesn't offer. */
export function authenticationFailed(mechanism: string, reason: string): MillraceError {
  return new MillraceError({
    code: 'client.authentication_failed',
    retry: 'fatal',
    message: `${mechanism} authentication failed: ${reason}`,
    hint: 'check user name, password and sasl.mechanism against those of the broker',
    context: { mechanism },
  });
}

/**
 * The connection ended while in use: the broker was stopped, went over its idle limit, or closed
 * it as it didn't like a request. What was in flight may or may not have been done.
 */
export function connectionLost(address: BrokerAddress, cause: unknown): MillraceError {
  const where = formatAddress(address);
  return new MillraceError({
    code: 'client.connection_lost',
    retry: 'retriable',
    message: `the connection to ${where} was lost`,
    hint: 'look into the log of the broker if it happens again and again',
    context: { address: where },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** No answer in time; the connection is given up, since answers behind this one would be late too. */
export function requestTimedOut(
  api: string,
  address: BrokerAddress,
  timeoutMs: number,
): MillraceError {
  const where = formatAddress(address);
  return new MillraceError({
    code: 'client.request_timed_out',
    retry: 'retriable',
    message: `${where} did not answer ${api} within ${timeoutMs} ms`,
    hint: 'raise request.timeout.ms if the broker is only slow',
    context: { api, address: where, timeoutMs },
  });
}

/** The peer announced a frame that is too large to be an answer. It may not be a Kafka broker. */
export function frameTooLarge(
  address: BrokerAddress,
  bytes: number,
  bytesMax: number,
): MillraceError {
  const where = formatAddress(address);
  return new MillraceError({
    code: 'client.frame_too_large',
    retry: 'fatal',
    message: `${where} announced an answer of ${bytes} bytes, expected at most ${bytesMax}`,
    hint: 'check that the port speaks the Kafka protocol (without TLS, if none is configured); lower fetch.max.bytes or raise frameBytesMax otherwise',
    context: { address: where, bytes, bytesMax },
  });
}

/** The answer is not that to our oldest request. */
export function answerOutOfOrder(address: BrokerAddress): MillraceError {
  const where = formatAddress(address);
  return new MillraceError({
    code: 'client.answer_out_of_order',
    retry: 'retriable',
    message: `${where} answered another request than the oldest one`,
    hint: 'check that no proxy mixes the connections',
    context: { address: where },
  });
}

/** The broker is too old (or too new) for this request. */
export function apiNotServed(api: string, served: string): MillraceError {
  return new MillraceError({
    code: 'client.api_not_served',
    retry: 'fatal',
    message: `the broker ${served} ${api}`,
    hint: 'use a broker of Kafka 2.1 or later that allows this request',
    context: { api },
  });
}

/** Used after `close`. */
export function clientClosed(what: string): MillraceError {
  return new MillraceError({
    code: 'client.closed',
    retry: 'fatal',
    message: `the ${what} is closed`,
    hint: 'open another one',
  });
}

/** Nobody has created the topic, and the broker does not create topics by itself; or not yet. */
export function topicNotKnown(
  topic: string,
  waitedMs: number,
  error: { readonly name: string; readonly message: string },
): MillraceError {
  return new MillraceError({
    code: 'client.topic_not_known',
    retry: 'retriable',
    message: `topic "${topic}" was not found within ${waitedMs} ms (${error.name})`,
    hint: 'create the topic, or let the broker do it with auto.create.topics.enable=true',
    context: { topic, errorName: error.name },
  });
}

/** The record names a partition that its topic doesn't have. */
export function partitionNotKnown(
  topic: string,
  partition: number,
  partitionCount: number,
): MillraceError {
  return new MillraceError({
    code: 'client.partition_not_known',
    retry: 'fatal',
    message: `topic "${topic}" has no partition ${partition}, expected 0 to ${partitionCount - 1}`,
    hint: 'add partitions to the topic, or let the partitioner choose',
    context: { topic, partition, partitionCount },
  });
}

/** One record alone is larger than what may be sent, or than what the topic accepts. */
export function recordTooLarge(
  topic: string,
  bytes: number,
  limit: { readonly key: string; readonly bytes?: number },
  cause?: unknown,
): MillraceError {
  const expected = limit.bytes === undefined ? '' : `, expected at most ${limit.bytes}`;
  return new MillraceError({
    code: 'client.record_too_large',
    retry: 'fatal',
    message: `a record of about ${bytes} bytes for topic "${topic}" is larger than ${limit.key}${expected}`,
    hint: `raise ${limit.key}, or make the record smaller`,
    context: { topic, bytes, limit: limit.key },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** `buffer.memory` stayed full: the brokers take the records slower than they come, or not at all. */
export function bufferFull(bufferBytes: number, waitedMs: number): MillraceError {
  return new MillraceError({
    code: 'client.buffer_full',
    retry: 'retriable',
    message: `no room in the producer's buffer of ${bufferBytes} bytes within ${waitedMs} ms`,
    hint: 'check that the brokers can be reached and keep up; raise buffer.memory or max.block.ms',
    context: { bufferBytes, waitedMs },
  });
}

/**
 * Not acknowledged within `delivery.timeout.ms`. If it was sent, it may have been written
 * nevertheless. The cause is the last error.
 */
export function deliveryTimedOut(
  topic: string,
  partition: number,
  timeoutMs: number,
  cause: unknown,
): MillraceError {
  return new MillraceError({
    code: 'client.delivery_timed_out',
    retry: 'retriable',
    message: `${topic}-${partition} acknowledged nothing within ${timeoutMs} ms`,
    hint: 'check that the leader of the partition can be reached; raise delivery.timeout.ms to wait longer',
    context: { topic, partition, timeoutMs },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Options of a producer, consumer or reader that can't be used together. */
export function invalidOptions(problem: string, hint: string): MillraceError {
  return new MillraceError({
    code: 'client.invalid_options',
    retry: 'fatal',
    message: problem,
    hint,
  });
}

/** The answer lacks what was asked for. */
export function answerIncomplete(api: string, what: string): MillraceError {
  return new MillraceError({
    code: 'client.answer_incomplete',
    retry: 'retriable',
    message: `the answer to ${api} has nothing about ${what}`,
    hint: 'look into the log of the broker',
    context: { api, what },
  });
}

/** A fetched batch fails its CRC or makes no sense: damaged on the broker's disk or on the way. */
export function corruptBatch(
  topic: string,
  partition: number,
  baseOffset: number,
  problem: string,
): MillraceError {
  return new MillraceError({
    code: 'client.corrupt_batch',
    retry: 'fatal',
    message: `the batch at offset ${baseOffset} of ${topic}-${partition} can't be read (${problem})`,
    hint: 'check the disks of the broker; seek past the offset to go on without the batch',
    context: { topic, partition, baseOffset, problem },
  });
}

/**
 * The position lies outside of what the partition holds: records were removed by retention before
 * they were read, or the topic was created anew.
 */
export function offsetOutOfRange(topic: string, partition: number, offset: number): MillraceError {
  return new MillraceError({
    code: 'client.offset_out_of_range',
    retry: 'fatal',
    message: `offset ${offset} of ${topic}-${partition} is not in the log, and auto.offset.reset is "none"`,
    hint: 'seek to an offset that exists, or set auto.offset.reset to earliest or latest',
    context: { topic, partition, offset },
  });
}

/**
 * What was read is not in the log any more: an unclean leader election, or a disk that lost its end,
 * has taken records away, and others may stand in their place.
 */
export function logTruncated(
  topic: string,
  partition: number,
  offset: number,
  endOffset: number,
): MillraceError {
  return new MillraceError({
    code: 'client.log_truncated',
    retry: 'fatal',
    message: `the log of ${topic}-${partition} was cut back to offset ${endOffset}, below the position ${offset}, and auto.offset.reset is "none"`,
    hint: `seek to ${endOffset} to read on from where the logs part; records after it that were read before exist no more`,
    context: { topic, partition, offset, endOffset },
  });
}

/** `auto.offset.reset=none`, and the group has no committed offset for the partition. */
export function noCommittedOffset(topic: string, partition: number): MillraceError {
  return new MillraceError({
    code: 'client.no_committed_offset',
    retry: 'fatal',
    message: `the group has no offset for ${topic}-${partition}, and auto.offset.reset is "none"`,
    hint: 'commit an offset, seek, or set auto.offset.reset to earliest or latest',
    context: { topic, partition },
  });
}

/** The partition isn't assigned to this consumer. */
export function notAssigned(topic: string, partition: number): MillraceError {
  return new MillraceError({
    code: 'client.not_assigned',
    retry: 'fatal',
    message: `${topic}-${partition} is not assigned to this consumer`,
    hint: 'seek, pause and resume only what assignment() lists',
    context: { topic, partition },
  });
}

/** The group is being rebalanced, so nobody knows whose the partitions will be. */
export function rebalanceInProgress(groupId: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'client.rebalance_in_progress',
    retry: 'retriable',
    message: `group "${groupId}" is being rebalanced, offsets were not committed`,
    hint: 'poll until the rebalance is over, then commit what is still assigned',
    context: { groupId },
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * This member is not in the group any more, and others may own its partitions: it didn't poll for
 * `max.poll.interval.ms`, or its heartbeats did not arrive.
 */
export function commitRejected(groupId: string, cause?: unknown): MillraceError {
  return new MillraceError({
    code: 'client.commit_rejected',
    retry: 'fatal',
    message: `group "${groupId}" does not know this member any more, offsets were not committed`,
    hint: 'poll to join again; raise max.poll.interval.ms if a batch takes longer than that',
    context: { groupId },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Anything else is our bug, which must still settle what waits for it. */
export function asMillrace(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  return new MillraceError({
    code: 'client.send_failed',
    retry: 'fatal',
    message: 'a request could not be sent',
    hint: 'look at the cause',
    cause: error,
  });
}

/** Fetching ran into something that isn't an answer of a broker. */
export function fetchFailed(cause: unknown): MillraceError {
  return new MillraceError({
    code: 'client.fetch_failed',
    retry: 'fatal',
    message: 'fetching failed',
    hint: 'look at the cause',
    cause,
  });
}
