import { SpanKind, SpanStatusCode, trace, type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { MetricFamily } from '@millrace/foundation';
import type { StageSpan, Tracer } from '@millrace/runtime';

/** INV-6: spans that wait for the collector; what comes beyond is dropped. */
const QUEUE_SPANS_MAX = 4_096;
const EXPORT_SPANS_MAX = 512;
const EXPORT_TIMEOUT_MS = 5_000;
const EXPORT_DELAY_MS = 2_000;

const KINDS: Readonly<Record<StageSpan['stage'], SpanKind>> = {
  source: SpanKind.CLIENT,
  read: SpanKind.CONSUMER,
  transform: SpanKind.INTERNAL,
  deliver: SpanKind.PRODUCER,
  commit: SpanKind.CLIENT,
};

/** The words of the semantic conventions for messaging, where there is one for it. */
const OPERATIONS = {
  source: {
    source: 'poll',
    transform: 'transform',
    deliver: 'send',
    commit: 'commit',
    read: 'receive',
  },
  sink: {
    source: 'poll',
    transform: 'transform',
    deliver: 'process',
    commit: 'settle',
    read: 'receive',
  },
} as const;

export interface Tracing extends AsyncDisposable {
  readonly tracer: Tracer;
  metrics(): readonly MetricFamily[];
}

/** Sends a span for each stage of each batch to a collector. One that is down costs spans, nothing else. */
export function openTracing(url: string, workerId: string): Tracing {
  const counter = new CountingExporter(
    new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }),
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
    task({ connector, task, kind }) {
      /** The batch that came last: later stages belong to it. */
      let batch: Context = ROOT_CONTEXT;
      return ({ stage, tookMs, recordCount, isFailed }) => {
        const endMs = Date.now();
        const beginsBatch = stage === 'source' || stage === 'read';
        const operation = OPERATIONS[kind][stage];
        const span = otel.startSpan(
          `${operation} ${connector}`,
          {
            kind: KINDS[stage],
            startTime: endMs - tookMs,
            attributes: {
              'messaging.system': 'kafka',
              'messaging.operation.name': operation,
              ...(recordCount === undefined
                ? {}
                : { 'messaging.batch.message_count': recordCount }),
              'millrace.connector': connector,
              'millrace.task': task,
              'millrace.stage': stage,
            },
          },
          beginsBatch ? ROOT_CONTEXT : batch,
        );
        if (beginsBatch) batch = trace.setSpan(ROOT_CONTEXT, span);
        if (isFailed === true) span.setStatus({ code: SpanStatusCode.ERROR });
        counter.started++;
        span.end(endMs);
      };
    },
  };
  return {
    tracer,
    metrics: () => [
      counterFamily('millrace_tracing_spans_total', 'spans that were made', counter.started),
      counterFamily(
        'millrace_tracing_spans_exported_total',
        'spans that the collector took',
        counter.exported,
      ),
      counterFamily(
        'millrace_tracing_spans_dropped_total',
        'spans that the collector did not take',
        counter.failed,
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
  started = 0;
  exported = 0;
  failed = 0;

  constructor(inner: SpanExporter) {
    this.#inner = inner;
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    this.#inner.export(spans, (result) => {
      if (`${result.code}` === SUCCESS) this.exported += spans.length;
      else this.failed += spans.length;
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
