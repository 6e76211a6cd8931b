import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { openTracing } from '../src/tracing.ts';
import {
  newTracingCounts,
  tracingEndpoint,
  tracingTarget,
  type TracingTarget,
} from '../src/tracing-endpoint.ts';

interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly bodies: readonly string[];
}

async function openCollector(): Promise<Collector> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      bodies.push(`${request.url ?? ''} ${body}`);
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    bodies,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const targetOf = (url: string, counts = newTracingCounts()): TracingTarget => ({
  url,
  workerId: '127.0.0.1:8083',
  carriesHeaders: true,
  counts,
});

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status: { readonly code: number };
}

function spansOf({ bodies }: Collector): readonly SentSpan[] {
  return bodies.flatMap((body) => {
    const { resourceSpans } = JSON.parse(body.slice(body.indexOf('{'))) as {
      resourceSpans: { scopeSpans: { spans: SentSpan[] }[] }[];
    };
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
  });
}

const counted = (families: ReturnType<ReturnType<typeof openTracing>['metrics']>) =>
  Object.fromEntries(families.map(({ name, samples }) => [name, samples[0]?.value]));

test('each stage of a batch is a span; those behind a poll are its children', async () => {
  await using collector = await openCollector();
  const tracing = openTracing(targetOf(collector.url));
  const tell = tracing.tracer.task({ connector: 'orders', task: 0, kind: 'source' });
  tell({ stage: 'source', tookMs: 5, recordCount: 7 });
  tell({ stage: 'transform', tookMs: 2 });
  tell({ stage: 'deliver', tookMs: 3 });
  tell({ stage: 'commit', tookMs: 1, isFailed: true });
  await tracing[Symbol.asyncDispose]();
  const all = collector.bodies.join('\n');
  expect(all).toContain('/v1/traces ');
  for (const name of ['poll orders', 'transform orders', 'send orders', 'commit orders'])
    expect(all).toContain(`"name":"${name}"`);
  expect(new Set([...all.matchAll(/"traceId":"(\w+)"/g)].map(([, id]) => id)).size).toBe(1);
  expect(counted(tracing.metrics())).toEqual({
    millrace_tracing_spans_total: 4,
    millrace_tracing_spans_exported_total: 4,
    millrace_tracing_spans_dropped_total: 0,
  });
});

test('records carry the span of their delivery, and a sink goes on in its trace', async () => {
  await using collector = await openCollector();
  const tracing = openTracing(targetOf(collector.url));
  const source = tracing.tracer.task({ connector: 'in', task: 0, kind: 'source' });
  source({ stage: 'source', tookMs: 5, recordCount: 1 });
  const context = source.sending?.() ?? { traceparent: '' };
  source({ stage: 'deliver', tookMs: 3 });
  const sink = tracing.tracer.task({ connector: 'out', task: 0, kind: 'sink' });
  const state = { ...context, tracestate: 'vendor=1' };
  sink({
    stage: 'read',
    tookMs: 1,
    recordCount: 2,
    carried: { contexts: [state], isShared: true },
  });
  sink({ stage: 'deliver', tookMs: 1 });
  await tracing[Symbol.asyncDispose]();
  const [poll, send, receive, process] = spansOf(collector);
  expect(context.traceparent).toBe(`00-${poll?.traceId}-${send?.spanId}-01`);
  expect(send).toMatchObject({ name: 'send in', parentSpanId: poll?.spanId });
  expect(receive).toMatchObject({
    name: 'receive out',
    traceId: poll?.traceId,
    parentSpanId: send?.spanId,
    traceState: 'vendor=1',
    links: [{ spanId: send?.spanId }],
  });
  expect(process).toMatchObject({ traceId: poll?.traceId, parentSpanId: receive?.spanId });
});

test('a batch of several origins begins a trace of its own, with links to theirs', async () => {
  await using collector = await openCollector();
  const tracing = openTracing(targetOf(collector.url));
  const sink = tracing.tracer.task({ connector: 'out', task: 0, kind: 'sink' });
  const contexts = ['a', 'b'].map((digit) => ({
    traceparent: `00-${digit.repeat(32)}-${digit.repeat(16)}-01`,
  }));
  sink({ stage: 'read', tookMs: 1, recordCount: 2, carried: { contexts, isShared: false } });
  await tracing[Symbol.asyncDispose]();
  const [receive] = spansOf(collector);
  expect(receive?.parentSpanId ?? '').toBe('');
  expect(receive?.links?.map(({ spanId }) => spanId)).toEqual(['a'.repeat(16), 'b'.repeat(16)]);
});

test('a transaction is a span with links to the deliveries in it, and says how it ended', async () => {
  await using collector = await openCollector();
  const tracing = openTracing(targetOf(collector.url));
  const source = tracing.tracer.task({ connector: 'in', task: 0, kind: 'source' });
  const deliver = (): void => {
    source.sending?.();
    source.joinTransaction?.();
    source({ stage: 'deliver', tookMs: 1 });
  };
  deliver();
  deliver();
  source.transaction?.({ tookMs: 9, recordCount: 7, outcome: 'committed' });
  deliver();
  source.transaction?.({ tookMs: 9, recordCount: 3, outcome: 'unknown' });
  await tracing[Symbol.asyncDispose]();
  const [first, second, committed, third, lost] = spansOf(collector);
  expect(committed).toMatchObject({
    name: 'transaction in',
    links: [{ spanId: first?.spanId }, { spanId: second?.spanId }],
    attributes: expect.arrayContaining([
      { key: 'messaging.batch.message_count', value: { intValue: 7 } },
      { key: 'millrace.transaction.outcome', value: { stringValue: 'committed' } },
    ]),
  });
  expect(lost).toMatchObject({ links: [{ spanId: third?.spanId }], status: { code: 2 } });
});

test('records are left as they are unless asked; threads count in one place', async () => {
  await using collector = await openCollector();
  const fields = { 'tracing.otlp.endpoint': collector.url, 'tracing.record.headers': false };
  const target = tracingTarget(fields, 'w', {});
  if (target === undefined) throw new Error('an endpoint is configured');
  await using worker = openTracing(target);
  const thread = openTracing(structuredClone(target));
  const source = thread.tracer.task({ connector: 'in', task: 0, kind: 'source' });
  expect(source.sending?.()).toBeUndefined();
  source({ stage: 'deliver', tookMs: 1 });
  await thread[Symbol.asyncDispose]();
  expect(counted(worker.metrics())).toMatchObject({
    millrace_tracing_spans_total: 1,
    millrace_tracing_spans_exported_total: 1,
  });
});

test('a collector that is down costs the spans, which are counted, and does not hold up the end', async () => {
  const collector = await openCollector();
  const { url } = collector;
  await collector[Symbol.asyncDispose]();
  const tracing = openTracing(targetOf(url));
  const tell = tracing.tracer.task({ connector: 'orders', task: 0, kind: 'sink' });
  tell({ stage: 'read', tookMs: 5, recordCount: 7 });
  await tracing[Symbol.asyncDispose]();
  expect(counted(tracing.metrics())['millrace_tracing_spans_exported_total']).toBe(0);
}, 20_000);

test('tracing is off unless an endpoint is named', () => {
  expect(tracingEndpoint(null, {})).toBeUndefined();
  expect(tracingEndpoint('http://c:4318/', {})).toBe('http://c:4318/v1/traces');
  expect(tracingEndpoint(null, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' })).toBe(
    'http://c:4318/v1/traces',
  );
  expect(tracingEndpoint(null, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' })).toBe(
    'http://t/x',
  );
  expect(tracingEndpoint('http://c:4318', { OTEL_SDK_DISABLED: 'true' })).toBeUndefined();
});
