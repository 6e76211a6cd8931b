import type { RecordHeader } from '@millrace/kafka-client';

/** W3C Trace Context as it travels in the headers of a record, under these names. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** The contexts that a batch's records came with. */
export interface CarriedContexts {
  /** Each once, in the order of the records; the first `CONTEXTS_MAX` of them. */
  readonly contexts: readonly TraceContext[];
  /** All records carry the one that there is. */
  readonly isShared: boolean;
}

/** INV-6: as many as OpenTelemetry keeps links of a span, unless told otherwise. */
export const CONTEXTS_MAX = 128;

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
/** Version `ff` and ids of nothing but zeros are invalid; later versions may append fields. */
const VALID_PARENT =
  /^(?:00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}|(?!00|ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?)$/;
const PARENT_BYTES_MAX = 256;
/** What the recommendation asks everybody to carry on at least. */
const STATE_BYTES_MAX = 512;

/** What is malformed, or too long, counts as absent. */
export function contextsOf(
  records: readonly { readonly headers: readonly RecordHeader[] }[],
): CarriedContexts {
  const contexts = new Map<string, TraceContext>();
  let isShared = records.length > 0;
  for (const { headers } of records) {
    const traceparent = textOf(headers, TRACEPARENT, PARENT_BYTES_MAX);
    if (traceparent === undefined || !VALID_PARENT.test(traceparent)) {
      isShared = false;
      continue;
    }
    if (contexts.has(traceparent)) continue;
    const tracestate = textOf(headers, TRACESTATE, STATE_BYTES_MAX);
    contexts.set(traceparent, {
      traceparent,
      ...(tracestate === undefined ? {} : { tracestate }),
    });
    if (contexts.size === CONTEXTS_MAX) break;
  }
  return { contexts: [...contexts.values()], isShared: isShared && contexts.size === 1 };
}

/** Records that came with a context keep it: they were created there, and are only carried on here. */
export function withContext<R extends { readonly headers: readonly RecordHeader[] }>(
  records: readonly R[],
  { traceparent, tracestate }: TraceContext,
): readonly R[] {
  const added: readonly RecordHeader[] = [
    { key: TRACEPARENT, value: Buffer.from(traceparent) },
    ...(tracestate === undefined ? [] : [{ key: TRACESTATE, value: Buffer.from(tracestate) }]),
  ];
  // Neighbours often share one array of headers, and go on sharing one.
  let lastOwn: readonly RecordHeader[] = [];
  let lastAll = added;
  return records.map((record) => {
    const { headers } = record;
    if (headers.length === 0) return { ...record, headers: added };
    if (headers !== lastOwn) {
      lastOwn = headers;
      lastAll = headers.some(({ key }) => key === TRACEPARENT) ? headers : [...headers, ...added];
    }
    return { ...record, headers: lastAll };
  });
}

/** The last one of the name counts, as for Kafka's clients. */
function textOf(headers: readonly RecordHeader[], name: string, max: number): string | undefined {
  for (let index = headers.length - 1; index >= 0; index--) {
    const header = headers[index];
    if (header?.key !== name) continue;
    const { value } = header;
    if (value === null || value.byteLength > max) return undefined;
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
  }
  return undefined;
}
