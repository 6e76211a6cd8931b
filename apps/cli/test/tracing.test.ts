import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from './built-cli.ts';
import { RunningWorker } from './running-worker.ts';

/** A worker that sends its spans to a collector; the source's task runs in a thread, exactly once. */
interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly {
    readonly key: string;
    readonly value: { readonly stringValue?: string };
  }[];
  readonly links?: readonly { readonly spanId: string }[];
}

interface Export {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

const folder = mkdtempSync(join(tmpdir(), 'millrace-tracing-'));
const spans: SentSpan[] = [];
const collector = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const { resourceSpans } = JSON.parse(body) as Export;
    for (const { scopeSpans } of resourceSpans)
      for (const each of scopeSpans) spans.push(...each.spans);
    response.setHeader('content-type', 'application/json');
    response.end('{}');
  });
});
let worker: RunningWorker;

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  const address = collector.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  worker = await RunningWorker.start(folder, {
    'tracing.otlp.endpoint': `http://127.0.0.1:${port}`,
    'tracing.record.headers': 'true',
    'exactly.once.source.support': 'enabled',
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  });
}, 60_000);

afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

const named = (name: string): SentSpan | undefined => spans.find((span) => span.name === name);

test('one trace from the source in a thread, through the header of its record, to the sink', async () => {
  writeFileSync(join(folder, 'in.txt'), 'one line\n');
  await worker.ask('POST', '/connectors', {
    name: 'in',
    config: {
      'connector.class': 'FileStreamSource',
      file: join(folder, 'in.txt'),
      topic: 'lines',
      'tasks.isolation': 'thread',
    },
  });
  await worker.ask('POST', '/connectors', {
    name: 'out',
    config: {
      'connector.class': 'FileStreamSink',
      file: join(folder, 'out.txt'),
      topics: 'lines',
      'tasks.isolation': 'thread',
    },
  });
  await until(() => (named('transaction in') && named('process out') ? true : undefined));
  const send = named('send in');
  expect(send).toMatchObject({
    traceId: named('poll in')?.traceId,
    parentSpanId: named('poll in')?.spanId,
  });
  expect(named('transaction in')).toMatchObject({
    links: [{ spanId: send?.spanId }],
    attributes: expect.arrayContaining([
      { key: 'millrace.transaction.outcome', value: { stringValue: 'committed' } },
    ]),
  });
  expect(named('receive out')).toMatchObject({
    traceId: send?.traceId,
    parentSpanId: send?.spanId,
  });
  expect(named('process out')?.traceId).toBe(send?.traceId);
  // The spans of threads are counted with the worker's.
  await until(async () => {
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    const line = /^millrace_tracing_spans_exported_total(?:\{[^}]*\})? (\d+)$/m.exec(metrics);
    return Number(line?.[1]) >= 8 || undefined;
  });
  expect(spans.length).toBeGreaterThanOrEqual(8);
}, 60_000);
