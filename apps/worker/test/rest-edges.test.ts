import { expect, test } from '@jest/globals';
import { connect, createServer } from 'node:net';
import { parseListener } from '../src/rest/listener.ts';
import { ProcessMetrics } from '../src/rest/process-metrics.ts';
import { prometheusText } from '../src/rest/prometheus.ts';
import { RestServer } from '../src/rest/rest-server.ts';
import { ask, RestHarness } from './rest-harness.ts';

test('a page of another origin reads nothing it could change; the same origin may', async () => {
  await using rest = await RestHarness.open();
  const foreign = { Origin: 'http://evil.example' };
  expect(
    (await rest.ask('POST', '/connectors/a/restart', { headers: foreign })).json,
  ).toMatchObject({
    error_code: 403,
    code: 'rest.foreign_origin',
  });
  const own = { Origin: `http://127.0.0.1:${rest.port}` };
  expect((await rest.ask('POST', '/connectors/a/restart', { headers: own })).status).toBe(404);
  const got = await rest.ask('GET', '/connectors', { headers: foreign });
  expect(got.status).toBe(200);
  expect(got.headers['access-control-allow-origin']).toBeUndefined();
});

test('on loopback a host name that is not ours is refused, addresses and localhost are not', async () => {
  await using rest = await RestHarness.open({
    origins: { hosts: ['connect.example'], allowedOrigins: [] },
  });
  const statusFor = async (host: string): Promise<number> =>
    (await rest.ask('GET', '/', { headers: { Host: host } })).status;
  expect(await statusFor('evil.example:8083')).toBe(403);
  expect(await statusFor('localhost:8083')).toBe(200);
  expect(await statusFor('[::1]:8083')).toBe(200);
  expect(await statusFor('connect.example')).toBe(200);
});

test('CORS answers a preflight only for the origins and methods that are configured', async () => {
  const origin = 'https://ui.example';
  await using rest = await RestHarness.open({
    origins: { hosts: undefined, allowedOrigins: [origin] },
    allowedMethods: ['GET', 'PUT'],
  });
  const preflight = await rest.ask('OPTIONS', '/connectors/a/pause', {
    headers: { Origin: origin, 'Access-Control-Request-Method': 'PUT' },
  });
  expect(preflight.headers['access-control-allow-origin']).toBe(origin);
  expect(preflight.headers['access-control-allow-methods']).toBe('GET,PUT');
  expect(
    (await rest.ask('PUT', '/connectors/a/pause', { headers: { Origin: origin } })).status,
  ).toBe(404);
});

test('OPTIONS that no browser asks names the methods, whatever CORS allows', async () => {
  await using rest = await RestHarness.open({
    origins: { hosts: undefined, allowedOrigins: ['https://ui.example'] },
  });
  const asked = await rest.ask('OPTIONS', '/connectors');
  expect([asked.status, asked.headers['allow'], asked.text]).toEqual([
    200,
    'GET, POST, HEAD, OPTIONS',
    'GET, POST, HEAD, OPTIONS',
  ]);
  const preflight = await rest.ask('OPTIONS', '/connectors', {
    headers: { Origin: 'https://ui.example', 'Access-Control-Request-Method': 'GET' },
  });
  expect([preflight.status, preflight.headers['access-control-max-age']]).toEqual([200, '60']);
});

test.each([
  ['FOO /connectors HTTP/1.1\r\nHost: localhost\r\n\r\n', 405],
  ['no HTTP at all\r\n\r\n', 400],
  [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
])('what is no request of HTTP is refused in JSON (%#)', async (text, status) => {
  await using rest = await RestHarness.open();
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(rest.port, '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    socket.on('error', reject).on('close', () => {
      resolve(received);
    });
  });
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head.split('\r\n')[0]).toMatch(`HTTP/1.1 ${status} `);
  expect(JSON.parse(body)).toMatchObject({ error_code: status });
});

test('headers that the configuration asks for are on every answer', async () => {
  await using rest = await RestHarness.open({
    headerRules: [{ action: 'set', name: 'X-Frame-Options', value: 'DENY' }],
  });
  expect((await rest.ask('GET', '/')).headers['x-frame-options']).toBe('DENY');
  expect((await rest.ask('GET', '/nowhere')).headers['x-frame-options']).toBe('DENY');
});

test('metrics are Prometheus text: one declaration a name, labels escaped', async () => {
  await using rest = await RestHarness.open({
    metrics: () => [
      {
        name: 'a_total',
        help: 'Line\nbreak \\',
        type: 'counter',
        samples: [{ labels: {}, value: 1 }],
      },
      {
        name: 'b',
        help: 'B.',
        type: 'gauge',
        samples: [{ labels: { c: 'x"y\\z\n' }, value: Infinity }],
      },
      {
        name: 'a_total',
        help: 'again',
        type: 'counter',
        samples: [{ labels: { n: '2' }, value: 0.5 }],
      },
      { name: 'none', help: 'No samples.', type: 'gauge', samples: [] },
    ],
  });
  const answer = await rest.ask('GET', '/metrics');
  expect(answer.headers['content-type']).toMatch(/^text\/plain;.*version=0\.0\.4/);
  expect(answer.text).toBe(
    [
      '# HELP a_total Line\\nbreak \\\\',
      '# TYPE a_total counter',
      'a_total 1',
      'a_total{n="2"} 0.5',
      '# HELP b B.',
      '# TYPE b gauge',
      'b{c="x\\"y\\\\z\\n"} +Inf',
      '# HELP none No samples.',
      '# TYPE none gauge',
      '',
    ].join('\n'),
  );
});

test('the process says how much memory it uses', () => {
  using metrics = new ProcessMetrics();
  const text = prometheusText(metrics.read());
  expect(text).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  expect(text).not.toContain('NaN');
});

test('before the worker stands, health says starting and everything else waits', async () => {
  await using server = await RestServer.open([{ host: '127.0.0.1', port: 0 }]);
  const port = server.listeners[0]?.port ?? 0;
  expect(server.urls).toEqual([`http://127.0.0.1:${port}`]);
  const health = await ask(port, 'GET', '/health', {});
  expect([health.status, health.json]).toEqual([
    503,
    {
      status: 'starting',
      message: expect.stringMatching(/^Worker is still starting up\./) as unknown,
    },
  ]);
  expect((await ask(port, 'GET', '/connectors', {})).json).toMatchObject({ error_code: 503 });
});

test('a taken port is named with the key that changes it', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(RestServer.open([{ host: '127.0.0.1', port }])).rejects.toMatchObject({
    code: 'rest.listen_failed',
    hint: expect.stringContaining('listeners') as unknown,
  });
  await new Promise((resolve) => other.close(resolve));
});

test('listeners are read as Connect writes them', () => {
  expect(parseListener('http://:8083')).toEqual({ host: '', port: 8083 });
  expect(parseListener('HTTP://localhost:0')).toEqual({ host: 'localhost', port: 0 });
  expect(parseListener('http://[::1]:80')).toEqual({ host: '::1', port: 80 });
  expect(parseListener('https://x:1')).toEqual({ host: 'x', port: 1, isTls: true });
  for (const bad of ['ftp://x:1', 'localhost:8083', 'http://x', 'http://x:70000', ''])
    expect(parseListener(bad)).toHaveProperty('problem');
});

test('OPTIONS names the methods of a path', async () => {
  await using rest = await RestHarness.open();
  const answer = await rest.ask('OPTIONS', '/connectors/a/config');
  expect([answer.status, answer.headers['allow'], answer.headers['content-type']]).toEqual([
    200,
    'GET, PUT, PATCH, HEAD, OPTIONS',
    'text/plain',
  ]);
  expect((await rest.ask('OPTIONS', '/nowhere')).status).toBe(404);
});

test('JSON is sent as plain application/json, like that of Connect', async () => {
  await using rest = await RestHarness.open();
  const answer = await rest.ask('GET', '/connectors');
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers['content-length']).toBe('2');
});

test('what is wrong with a body is said once', async () => {
  await using rest = await RestHarness.open();
  const answer = await rest.ask('POST', '/connectors', {
    body: '{',
    headers: { 'Content-Type': 'application/json' },
  });
  expect(answer.json).toMatchObject({ error_code: 500, code: 'rest.unreadable_body' });
  expect(answer.text).not.toContain('caused by');
});

test('log levels are shown, set for all loggers below a name, and refused in the words of Connect', async () => {
  await using rest = await RestHarness.open();
  const set = async (name: string, body: unknown): Promise<unknown> =>
    (await rest.ask('PUT', `/admin/loggers/${name}`, { body })).json;
  expect((await rest.ask('GET', '/admin/loggers')).json).toEqual({
    root: { level: 'INFO', last_modified: null },
  });
  expect(await set('org.a.b', { level: 'debug' })).toEqual(['org.a.b']);
  expect(await set('org.a.b', { level: 'DEBUG' })).toEqual([]);
  expect(await set('org.a', { level: 'WARN' })).toEqual(['org.a', 'org.a.b']);
  expect((await rest.ask('GET', '/admin/loggers/org.a.b')).json).toEqual({
    level: 'WARN',
    last_modified: expect.any(Number) as unknown,
  });
  expect(await set('root', { level: 'INFO' })).toEqual(['org.a', 'org.a.b']);
  expect(await set('org.a', {})).toMatchObject({
    error_code: 400,
    message: "Desired 'level' parameter was not specified in request.",
  });
  expect(await set('org.a', { level: 'loud' })).toMatchObject({
    error_code: 404,
    message: "invalid log level 'loud'.",
  });
  expect((await rest.ask('GET', '/admin/loggers/org')).json).toMatchObject({
    error_code: 404,
    message: 'Logger org not found.',
  });
  const cluster = await rest.ask('PUT', '/admin/loggers/org.a?scope=cluster', {
    body: { level: 'ERROR' },
  });
  expect([cluster.status, cluster.text]).toEqual([204, '']);
});
