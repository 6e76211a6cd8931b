import { describeError, MillraceError } from '@millrace/foundation';
import type { Redact } from './errors/redactor.ts';

/** What was asked for does not exist. REST: 404. Messages are Connect's own, since clients match them. */
export function notFound(message: string, hint?: string): MillraceError {
  return new MillraceError({
    code: 'connect.not_found',
    retry: 'fatal',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A connector of that name exists. REST: 409. */
export function alreadyExists(name: string): MillraceError {
  return new MillraceError({
    code: 'connect.already_exists',
    retry: 'fatal',
    message: `Connector ${name} already exists`,
    hint: `change it with PUT /connectors/${name}/config, or delete it first`,
  });
}

/** Another operation on the same thing is under way, or its state forbids this one. REST: 409. */
export function conflict(message: string): MillraceError {
  return new MillraceError({ code: 'connect.conflict', retry: 'retriable', message });
}

/** The request itself is wrong: an invalid configuration, a name that does not fit. REST: 400. */
export function badRequest(message: string, hint?: string): MillraceError {
  return new MillraceError({
    code: 'connect.bad_request',
    retry: 'fatal',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The resource is switched off by the worker's configuration. REST: 403. */
export function forbidden(message: string): MillraceError {
  return new MillraceError({ code: 'connect.forbidden', retry: 'fatal', message });
}

/** A source, or a transform after it, made a record that is meant for no topic. */
export function recordWithoutTopic(): MillraceError {
  return new MillraceError({
    code: 'runtime.record_without_topic',
    retry: 'fatal',
    message: 'the record names no topic',
    hint: 'each record of the source must have a topic; a transform such as RegexRouter can only change it',
  });
}

/** A connector's method did not return in time. The outside is hanging, or the limit is too low. */
export function callTimedOut(stage: string, sinceMs: number, limitMs: number): MillraceError {
  return new MillraceError({
    code: 'runtime.call_timed_out',
    retry: 'retriable',
    message: `${stage} has not returned since ${new Date(sinceMs).toISOString()}, expected at most ${limitMs} ms`,
    hint: 'look at the system on the other side; raise task.call.timeout.ms if it is only slow',
    context: { stage, limitMs },
  });
}

/** A connector's method ignored that it was asked to stop. It was left behind, and its results are not used. */
export function callAbandoned(stage: string, graceMs: number): MillraceError {
  return new MillraceError({
    code: 'runtime.call_abandoned',
    retry: 'fatal',
    message: `${stage} did not end within ${Math.ceil(graceMs)} ms after it was asked to stop and was left behind`,
    hint: 'raise task.shutdown.graceful.timeout.ms if it only needs longer',
    context: { stage },
  });
}

/** A record failed and `errors.tolerance` is none. */
export function toleranceExceeded(
  where: string,
  hint: string | undefined,
  cause: unknown,
): MillraceError {
  return new MillraceError({
    code: 'runtime.tolerance_exceeded',
    retry: cause instanceof MillraceError ? cause.retry : 'fatal',
    message: `Tolerance exceeded in error handler: ${where}`,
    hint:
      hint ??
      'mend the record, or set errors.tolerance=all with errors.deadletterqueue.topic.name to park such records',
    cause,
  });
}

/** More than `errors.tolerance.max.ratio` of the records failed: something is wrong with the stream, not with a record. */
export function toleranceRatioExceeded(
  counts: { readonly failed: number; readonly processed: number },
  { ratioMax, windowMs }: { readonly ratioMax: number; readonly windowMs: number },
  where: string,
  cause: unknown,
): MillraceError {
  return new MillraceError({
    code: 'runtime.tolerance_ratio_exceeded',
    retry: 'fatal',
    message: `Tolerance exceeded in error handler: ${counts.failed} of ${counts.processed} records failed within ${windowMs} ms, more than errors.tolerance.max.ratio=${ratioMax} allows; the last: ${where}`,
    hint: 'mend what makes them fail, then restart the task: it goes on with this record; replay those that were parked meanwhile',
    cause,
  });
}

/** A replay of dead letters ended before it came to the last of them. What it delivered is not delivered again. */
export function replayStopped(why: string): MillraceError {
  return new MillraceError({
    code: 'runtime.replay_stopped',
    retry: 'fatal',
    message: `the replay was stopped: ${why}`,
    hint: 'request it again when the cause is mended: what is done is not repeated',
  });
}

/** The log did not take records, after all retries of the producer. */
export function deliveryFailed(topic: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'runtime.delivery_failed',
    retry: cause instanceof MillraceError ? cause.retry : 'fatal',
    message: `Unrecoverable exception from producer send callback: the log did not take a record for topic "${topic}"`,
    ...hintOf(cause),
    context: { topic },
    cause,
  });
}

/** A dead letter could not be written, so the record would be lost if the task went on (INV-2). */
export function deadLetterFailed(topic: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'runtime.dead_letter_failed',
    retry: cause instanceof MillraceError ? cause.retry : 'fatal',
    message: `the dead letter topic "${topic}" did not take a record; its offset is not committed`,
    ...hintOf(cause),
    context: { topic },
    cause,
  });
}

/** The offsets, configurations or statuses could not be written to their topic. */
export function storeWriteFailed(topic: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'runtime.store_write_failed',
    retry: cause instanceof MillraceError ? cause.retry : 'fatal',
    message: `topic "${topic}" did not take the worker's record`,
    ...hintOf(cause),
    context: { topic },
    cause,
  });
}

/**
 * Tasks of a former generation may still be able to deliver, so the new ones must not start (KIP-618). The
 * coordinator did not answer, or the worker may not use the transactional id.
 */
export function generationNotFenced(
  connector: string,
  transactionalId: string,
  cause: unknown,
): MillraceError {
  return new MillraceError({
    code: 'runtime.generation_not_fenced',
    retry: cause instanceof MillraceError ? cause.retry : 'fatal',
    message: `Failed to perform round of zombie fencing: the producer "${transactionalId}" of a former task could not be shut out`,
    ...hintOf(cause),
    context: { connector, transactionalId },
    cause,
  });
}

/** A source with exactly-once delivery wrote into its own offsets topic: the transaction would wait for itself. */
export function ownOffsetsTopic(topic: string): MillraceError {
  return new MillraceError({
    code: 'runtime.own_offsets_topic',
    retry: 'fatal',
    message: `Source tasks may not produce to their own offsets topics when exactly-once support is enabled (topic "${topic}")`,
    hint: 'route the record to another topic, or name another offsets.storage.topic',
    context: { topic },
  });
}

/** The connector's own check of altered offsets did not let them pass, or could not be made. */
export function offsetsRefused(name: string, cause: unknown, redact: Redact): MillraceError {
  return new MillraceError({
    code: 'runtime.offsets_refused',
    retry: cause instanceof MillraceError ? cause.retry : 'fatal',
    message: redact(describeError(cause)),
    ...hintOf(cause, redact),
    context: { connector: name },
  });
}

/**
 * Another worker of the same group.id has taken over the configuration topic. One of the two was taken for dead, or
 * both were started by mistake.
 */
export function configTopicTaken(transactionalId: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'runtime.config_topic_taken',
    retry: 'fatal',
    message:
      'another worker of this group writes the configurations now; this one can change nothing any more',
    hint: 'stop one of the two, or give them different group.id and storage topics; then restart the one that stays',
    context: { transactionalId },
    cause,
  });
}

/** An internal topic exists with settings under which Connect's state would be lost. */
export function unsuitableTopic(topic: string, problem: string, hint: string): MillraceError {
  return new MillraceError({
    code: 'runtime.unsuitable_topic',
    retry: 'fatal',
    message: `topic "${topic}" ${problem}`,
    hint,
    context: { topic },
  });
}

/** A topic is missing and could not be created. */
export function topicCreationFailed(topic: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'runtime.topic_creation_failed',
    retry: cause instanceof MillraceError ? cause.retry : 'fatal',
    message: `topic "${topic}" could not be created`,
    ...hintOf(cause),
    context: { topic },
    cause,
  });
}

/** The connector made more task configurations than `tasks.max` allows. */
export function tooManyTasks(name: string, count: number, tasksMax: number): MillraceError {
  return new MillraceError({
    code: 'runtime.too_many_tasks',
    retry: 'fatal',
    message: `the connector ${name} has generated ${count} tasks, which is greater than ${tasksMax}, the maximum number of tasks it is configured to create`,
    hint: `raise tasks.max to ${count}`,
  });
}

/** The worker is closing or closed. */
export function workerClosed(): MillraceError {
  return new MillraceError({
    code: 'runtime.worker_closed',
    retry: 'retriable',
    message: 'the worker is shutting down',
  });
}

function hintOf(cause: unknown, redact: Redact = (text) => text): { readonly hint?: string } {
  return cause instanceof MillraceError && cause.hint !== undefined
    ? { hint: redact(cause.hint) }
    : {};
}

/** The code of an error that does not say whether it may pass. */
export const UNCLASSIFIED = 'runtime.task_failed';

/** Failures that may pass or not: nobody can tell. */
export const UNCLASSIFIED_CODES: ReadonlySet<string> = new Set([
  UNCLASSIFIED,
  'runtime.task_blocked',
  'runtime.task_out_of_memory',
  'runtime.task_thread_died',
]);

/** A task in a thread does not give its event loop back; the thread was ended. */
export function taskBlocked(silentMs: number, limitMs: number): MillraceError {
  return new MillraceError({
    code: 'runtime.task_blocked',
    retry: 'fatal',
    message: `the task has blocked its thread for ${Math.round(silentMs)} ms, expected at most ${limitMs} ms, and was ended`,
    hint: 'look for a loop without end in the connector, a transform or a pattern; raise tasks.isolation.blocked.timeout.ms if it is only slow',
  });
}

/** A task in a thread filled its heap; the thread was ended. */
export function taskOutOfMemory(maxMb: number): MillraceError {
  return new MillraceError({
    code: 'runtime.task_out_of_memory',
    retry: 'fatal',
    message: `the task needed more than the ${maxMb} MiB of heap that it may fill, and was ended`,
    hint: 'raise tasks.isolation.memory.max.mb, or make its batches smaller',
  });
}

/** A task in a thread threw where nobody catches, or ended the thread itself. */
export function taskThreadDied(what: string, cause: unknown): MillraceError {
  return new MillraceError({
    code: 'runtime.task_thread_died',
    retry: 'fatal',
    message: `the thread of the task has died: ${what}`,
    hint: 'the connector or a transform throws outside of any call; ask its author',
    cause,
  });
}

/** `tasks.isolation=thread` where nobody starts threads. */
export function noTaskThreads(): MillraceError {
  return new MillraceError({
    code: 'runtime.no_task_threads',
    retry: 'fatal',
    message: 'tasks.isolation=thread is not possible in this process',
    hint: 'start the worker with the millrace command, or set tasks.isolation=none',
  });
}

/** A method of a task threw. The code is the task's own, so that nothing hides what happened. */
export function taskFailed(stage: string, cause: unknown): MillraceError {
  const isOurs = cause instanceof MillraceError;
  return new MillraceError({
    code: isOurs ? cause.code : UNCLASSIFIED,
    retry: isOurs ? cause.retry : 'fatal',
    message: `${stage} failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    ...hintOf(cause),
    context: { ...(isOurs ? cause.context : {}), stage },
    cause,
  });
}

/** A call that hangs: calling again while it does would only pile up calls. */
export function isCallTimeout(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'runtime.call_timed_out';
}
