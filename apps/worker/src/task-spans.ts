import {
  createTraceState,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import {
  CONTEXTS_MAX,
  type CarriedContexts,
  type StageSpan,
  type TaskTracer,
  type TraceContext,
  type TransactionSpan,
} from '@millrace/runtime';

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

interface TaskOptions {
  readonly otel: Tracer;
  readonly connector: string;
  readonly task: number;
  readonly kind: 'source' | 'sink';
  readonly carriesHeaders: boolean;
  readonly onSpan: () => void;
}

/** The spans of one life of a task. */
export function taskTracer(options: TaskOptions): TaskTracer {
  const spans = new TaskSpans(options);
  return Object.assign((span: StageSpan) => spans.stage(span), {
    sending: () => spans.sending(),
    joinTransaction: () => spans.joinTransaction(),
    transaction: (span: TransactionSpan) => spans.transaction(span),
  });
}

class TaskSpans {
  readonly #options: TaskOptions;
  /** The batch that came last: later stages belong to it. */
  #batch: Context = ROOT_CONTEXT;
  /** The delivery that goes on: its records carry this span, so it is there before it ends. */
  #sending: Span | undefined;
  /** Deliveries of the open transaction, the first `CONTEXTS_MAX` of them (INV-6). */
  readonly #sent = new Set<Span>();

  constructor(options: TaskOptions) {
    this.#options = options;
  }

  stage({ stage, tookMs, recordCount, isFailed, carried }: StageSpan): void {
    const endMs = Date.now();
    const sending = stage === 'deliver' ? this.#sending : undefined;
    if (sending !== undefined) {
      this.#sending = undefined;
      this.#end(sending, endMs, isFailed === true);
      return;
    }
    const beginsBatch = stage === 'source' || stage === 'read';
    const span = this.#start(
      stage,
      endMs - tookMs,
      beginsBatch ? contextOf(carried) : this.#batch,
      recordCount === undefined ? {} : { 'messaging.batch.message_count': recordCount },
      (carried?.contexts ?? []).map((each) => ({ context: spanContextOf(each) })),
    );
    if (beginsBatch) this.#batch = trace.setSpan(ROOT_CONTEXT, span);
    this.#end(span, endMs, isFailed === true);
  }

  sending(): TraceContext | undefined {
    this.#sending = this.#start('deliver', Date.now(), this.#batch);
    return this.#options.carriesHeaders ? carriedBy(this.#sending) : undefined;
  }

  joinTransaction(): void {
    if (this.#sending !== undefined && this.#sent.size < CONTEXTS_MAX)
      this.#sent.add(this.#sending);
  }

  /** Of many batches, so a child of none. */
  transaction({ tookMs, recordCount, outcome }: TransactionSpan): void {
    const endMs = Date.now();
    const { otel, connector } = this.#options;
    const span = otel.startSpan(
      `transaction ${connector}`,
      {
        kind: SpanKind.CLIENT,
        startTime: endMs - tookMs,
        attributes: {
          ...this.#attributes('transaction'),
          'messaging.batch.message_count': recordCount,
          'millrace.transaction.outcome': outcome,
        },
        links: [...this.#sent].map((each) => ({ context: each.spanContext() })),
      },
      ROOT_CONTEXT,
    );
    this.#sent.clear();
    this.#end(span, endMs, outcome === 'unknown');
  }

  #start(
    stage: StageSpan['stage'],
    startTime: number,
    parent: Context,
    more: Attributes = {},
    links: readonly Link[] = [],
  ): Span {
    const { otel, connector, kind } = this.#options;
    const operation = OPERATIONS[kind][stage];
    return otel.startSpan(
      `${operation} ${connector}`,
      {
        kind: KINDS[stage],
        startTime,
        attributes: {
          ...this.#attributes(operation),
          ...more,
          'millrace.stage': stage,
        },
        links: [...links],
      },
      parent,
    );
  }

  #attributes(operation: string): Attributes {
    const { connector, task } = this.#options;
    return {
      'messaging.system': 'kafka',
      'messaging.operation.name': operation,
      'millrace.connector': connector,
      'millrace.task': task,
    };
  }

  #end(span: Span, endMs: number, isFailed: boolean): void {
    if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
    if (span.isRecording()) this.#options.onSpan();
    span.end(endMs);
  }
}

/** A batch of one origin goes on in its trace; one of several begins its own, with links to theirs. */
function contextOf(carried: CarriedContexts | undefined): Context {
  const [first] = carried?.contexts ?? [];
  return first === undefined || carried?.isShared !== true
    ? ROOT_CONTEXT
    : trace.setSpanContext(ROOT_CONTEXT, spanContextOf(first));
}

function spanContextOf({ traceparent, tracestate }: TraceContext): SpanContext {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }),
  };
}

function carriedBy(span: Span): TraceContext {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize() ?? '';
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    ...(tracestate === '' ? {} : { tracestate }),
  };
}
