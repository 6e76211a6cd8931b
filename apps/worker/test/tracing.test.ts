import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { openTracing } from '../src/tracing.ts';
import { tracingEndpoint } from '../src/tracing-endpoint.ts';

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

const counted = (families: ReturnType<ReturnType<typeof openTracing>['metrics']>) =>
  Object.fromEntries(families.map(({ name, samples }) => [name, samples[0]?.value]));

test('each stage of a batch is a span; those behind a poll are its children', async () => {
  await using collector = await openCollector();
  const tracing = openTracing(collector.url, '127.0.0.1:8083');
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

test('a collector that is down costs the spans, which are counted, and does not hold up the end', async () => {
  const collector = await openCollector();
  const { url } = collector;
  await collector[Symbol.asyncDispose]();
  const tracing = openTracing(url, '127.0.0.1:8083');
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
