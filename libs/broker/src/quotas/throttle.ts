import {
  apis,
  type Api,
  type FetchRequest,
  type FetchResponseInput,
  type ProduceRequest,
} from '@millrace/kafka-protocol';
import type { Call } from '../core.ts';
import type { Handle } from '../served-api.ts';
import type { Check } from '../security/guards/guard.ts';
import type { QuotaKey } from './quota-table.ts';
import { MUTATION_LIMITS } from './mutation-quotas.ts';
import { quotaClientOf } from './quota-clients.ts';

const PERCENT_PER_MS = 0.1;

/**
 * The handler with the quotas of its client. Whoever has used too much gets his answer at once, with the time to wait
 * in it, and his next request is looked at only afterwards (KIP-219). Without quotas nothing is measured.
 */
export function throttled<Req, Res, ReqInput, ResInput>(
  { key }: Api<Req, Res, ReqInput, ResInput>,
  handle: Handle<Req, ResInput>,
): Handle<Req, ResInput> {
  const limit = MUTATION_LIMITS.get(key) as Check<Req, ResInput> | undefined;
  return (request, call) => {
    if (call.context.session.isInternal) return handle(request, call);
    const { quotas } = call.core;
    if (limit !== undefined && quotas.has('controller_mutation_rate')) {
      const run = async (): Promise<ResInput | undefined> => {
        const answer = await limit(request, call, async (rest) => handle(rest, call));
        return withThrottle(
          answer,
          call,
          'controller_mutation_rate',
          quotas.mutationThrottleMs(quotaClientOf(call)),
        );
      };
      return run();
    }
    // The three that count bytes or time. Types follow the key, as in the table above.
    if (key === apis.produce.key && quotas.has('producer_byte_rate')) {
      const bytes = producedBytes(request as ProduceRequest);
      return after(handle(request, call), (answer) =>
        withThrottle(
          answer,
          call,
          'producer_byte_rate',
          quotas.record('producer_byte_rate', quotaClientOf(call), bytes),
        ),
      );
    }
    if (key === apis.fetch.key && quotas.has('consumer_byte_rate')) {
      const asked = request as FetchRequest;
      const maxBytes = Math.min(asked.maxBytes, quotas.fetchBytesMax(quotaClientOf(call)));
      return after(handle({ ...request, maxBytes }, call), (answer) =>
        limitFetched(answer, asked, call),
      );
    }
    return handle(request, call);
  };
}

/** Counts the time of the loop that a request took; called with what was measured. */
export function recordTime<R>(answer: R, call: Call, elapsedMs: number): R {
  const { quotas } = call.core;
  const ms = quotas.record('request_percentage', quotaClientOf(call), elapsedMs * PERCENT_PER_MS);
  return withThrottle(answer, call, 'request_percentage', ms);
}

function withThrottle<R>(answer: R, call: Call, key: QuotaKey, throttleMs: number): R {
  if (throttleMs <= 0) return answer;
  call.core.quotas.countThrottled(key, throttleMs);
  call.mute(throttleMs);
  if (typeof answer !== 'object' || answer === null) return answer;
  const before = 'throttleTimeMs' in answer ? Number(answer.throttleTimeMs ?? 0) : 0;
  return { ...answer, throttleTimeMs: Math.max(before, throttleMs) };
}

/** An answer that is over the quota leaves without its records, and its bytes are not counted. */
function limitFetched<R>(answer: R, request: FetchRequest, call: Call): R {
  if (answer === undefined) return answer;
  const { quotas } = call.core;
  const fetched = answer as unknown as FetchResponseInput;
  const bytes = fetchedBytes(fetched);
  if (bytes === 0) return answer;
  const client = quotaClientOf(call);
  const throttleMs = quotas.record('consumer_byte_rate', client, bytes);
  if (throttleMs <= 0) return answer;
  quotas.unrecord('consumer_byte_rate', client, bytes);
  const isIncremental = request.sessionEpoch > 0;
  const emptied = { ...fetched, responses: [], ...(isIncremental ? {} : { sessionId: 0 }) };
  return withThrottle(emptied as unknown as R, call, 'consumer_byte_rate', throttleMs);
}

function after<R>(answer: R | Promise<R>, then: (answer: R) => R): R | Promise<R> {
  return answer instanceof Promise ? answer.then(then) : then(answer);
}

function producedBytes({ topicData }: ProduceRequest): number {
  let bytes = 0;
  for (const { partitionData } of topicData)
    for (const { records } of partitionData) bytes += records?.byteLength ?? 0;
  return bytes;
}

function fetchedBytes({ responses }: FetchResponseInput): number {
  let bytes = 0;
  for (const { partitions } of responses)
    for (const { records } of partitions) bytes += records?.byteLength ?? 0;
  return bytes;
}
