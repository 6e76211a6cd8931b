/** What a thread of the worker needs to send spans; it may go to another thread. */
export interface TracingTarget {
  readonly url: string;
  readonly workerId: string;
  /** Whether records of sources carry the trace on. */
  readonly carriesHeaders: boolean;
  /** Of all threads together: spans made, exported and dropped, as 64-bit integers. */
  readonly counts: SharedArrayBuffer;
}

export const TRACING_COUNTS = { made: 0, exported: 1, dropped: 2 } as const;

export function newTracingCounts(): SharedArrayBuffer {
  return new SharedArrayBuffer(
    Object.keys(TRACING_COUNTS).length * BigInt64Array.BYTES_PER_ELEMENT,
  );
}

/** Undefined: no tracing. */
export function tracingTarget(
  fields: {
    readonly 'tracing.otlp.endpoint': string | null;
    readonly 'tracing.record.headers': boolean;
  },
  workerId: string,
  environment: Readonly<Record<string, string | undefined>>,
): TracingTarget | undefined {
  const url = tracingEndpoint(fields['tracing.otlp.endpoint'], environment);
  if (url === undefined) return undefined;
  const carriesHeaders = fields['tracing.record.headers'];
  return { url, workerId, carriesHeaders, counts: newTracingCounts() };
}

/** `tracing.otlp.endpoint`, or the variables of OpenTelemetry; undefined: no tracing. */
export function tracingEndpoint(
  configured: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (environment['OTEL_SDK_DISABLED'] === 'true') return undefined;
  const base = configured ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  if (configured === null && environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] !== undefined)
    return environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (base === undefined || base.trim() === '') return undefined;
  return base.endsWith('/v1/traces') ? base : `${base.replace(/\/$/, '')}/v1/traces`;
}
