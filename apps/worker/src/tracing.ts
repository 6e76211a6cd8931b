import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { MetricFamily } from '@millrace/foundation';
import type { Tracer } from '@millrace/runtime';
import { taskTracer } from './task-spans.ts';
import { TRACING_COUNTS, type TracingTarget } from './tracing-endpoint.ts';

/** INV-6: spans that wait for the collector; what comes beyond is dropped. */
const QUEUE_SPANS_MAX = 4_096;
const EXPORT_SPANS_MAX = 512;
const EXPORT_TIMEOUT_MS = 5_000;
const EXPORT_DELAY_MS = 2_000;

export interface Tracing extends AsyncDisposable {
  readonly tracer: Tracer;
  metrics(): readonly MetricFamily[];
}

/** Sends a span for each stage of each batch to a collector. One that is down costs spans, nothing else. */
export function openTracing(target: TracingTarget): Tracing {
  const { url, workerId, counts } = target;
  const counter = new CountingExporter(
    new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }),
    counts,
  );
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': process.env['OTEL_SERVICE_NAME'] ?? 'millrace',
      'service.instance.id': workerId,
    }),
    spanProcessors: [
      new BatchSpanProcessor(counter, {
        maxQueueSize: QUEUE_SPANS_MAX,
        maxExportBatchSize: EXPORT_SPANS_MAX,
        scheduledDelayMillis: EXPORT_DELAY_MS,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const otel = provider.getTracer('millrace');
  const tracer: Tracer = {
    task: (of) =>
      taskTracer({ otel, ...of, ...target, onSpan: () => counter.count(TRACING_COUNTS.made, 1) }),
  };
  const { made, exported, dropped } = TRACING_COUNTS;
  return {
    tracer,
    metrics: () => [
      counterFamily('millrace_tracing_spans_total', 'spans that were made', counter.of(made)),
      counterFamily(
        'millrace_tracing_spans_exported_total',
        'spans that the collector took',
        counter.of(exported),
      ),
      counterFamily(
        'millrace_tracing_spans_dropped_total',
        'spans that the collector did not take',
        counter.of(dropped),
      ),
    ],
    // A collector that is down must not hold up the end.
    [Symbol.asyncDispose]: () => provider.shutdown().catch(() => undefined),
  };
}

/** `ExportResultCode.SUCCESS`, of a package that is not ours to import. */
const SUCCESS = '0';

class CountingExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  /** Shared with the threads of tasks. */
  readonly #counts: BigInt64Array;

  constructor(inner: SpanExporter, counts: SharedArrayBuffer) {
    this.#inner = inner;
    this.#counts = new BigInt64Array(counts);
  }

  count(index: number, added: number): void {
    Atomics.add(this.#counts, index, BigInt(added));
  }

  of(index: number): number {
    return Number(Atomics.load(this.#counts, index));
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    const { exported, dropped } = TRACING_COUNTS;
    this.#inner.export(spans, (result) => {
      this.count(`${result.code}` === SUCCESS ? exported : dropped, spans.length);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }
}

function counterFamily(name: string, help: string, value: number): MetricFamily {
  return { name, help, type: 'counter', samples: [{ labels: {}, value }] };
}
