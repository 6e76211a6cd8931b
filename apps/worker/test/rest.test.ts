import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { ConfigError } from '@millrace/config';
import { deferred, InvariantError } from '@millrace/foundation';
import { refusal } from './fake-herder.ts';
import { RestHarness } from './rest-harness.ts';

let rest: RestHarness;
beforeAll(async () => {
  rest = await RestHarness.open();
});
afterAll(() => rest[Symbol.asyncDispose]());
beforeEach(() => {
  rest.herder.entries.clear();
  rest.herder.restarted.length = 0;
});

const CONFIG = { 'connector.class': 'FileSink', file: '/tmp/x' };
const create = (name: string): Promise<unknown> =>
  rest.ask('POST', '/connectors', { body: { name, config: CONFIG } });

test('the root names a version that clients can parse, and the cluster', async () => {
  const answer = await rest.ask('GET', '/');
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({
    version: expect.stringMatching(/^4\.\d+\.\d+$/) as unknown,
    commit: 'unknown',
    kafka_cluster_id: 'AAAAAAAAQACAAAAAAAAAAA',
    millrace_version: '9.9.9',
  });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
});

test.each([
  ['healthy', 200],
  ['starting', 503],
  ['unhealthy', 500],
] as const)('health %s is answered with %d and the health body', async (state, status) => {
  rest.herder.state = { state, message: 'so it is' };
  const answer = await rest.ask('GET', '/health');
  rest.herder.state = { state: 'healthy', message: 'ready' };
  expect([answer.status, answer.json]).toEqual([status, { status: state, message: 'so it is' }]);
});

test('a connector is created with 201, its Location and its info; its name is filled in', async () => {
  const answer = await rest.ask('POST', '/connectors', { body: { name: ' a ', config: CONFIG } });
  expect(answer.status).toBe(201);
  expect(answer.headers['location']).toBe(`http://127.0.0.1:${rest.port}/connectors/a`);
  expect(answer.json).toEqual({
    name: 'a',
    config: { ...CONFIG, name: 'a' },
    tasks: [],
    type: 'sink',
  });
  expect((await rest.ask('GET', '/connectors')).json).toEqual(['a']);
});

test('trailing slashes are accepted', async () => {
  expect(
    (await rest.ask('POST', '/connectors/', { body: { name: 'a', config: CONFIG } })).status,
  ).toBe(201);
  expect((await rest.ask('GET', '/connectors/')).json).toEqual(['a']);
  expect((await rest.ask('GET', '/connectors/a/')).status).toBe(200);
  expect((await rest.ask('GET', '/connector-plugins/')).status).toBe(200);
  expect((await rest.ask('GET', '/connectors/?expand=info')).json).toHaveProperty('a.info.name');
});

test.each([
  ['RUNNING', 'RUNNING'],
  ['paused', 'PAUSED'],
  ['Stopped', 'STOPPED'],
])('initial_state %s is read whatever its case', async (given, state) => {
  await rest.ask('POST', '/connectors', {
    body: { name: 'a', config: CONFIG, initial_state: given },
  });
  expect((await rest.ask('GET', '/connectors/a/status')).json).toHaveProperty(
    'connector.state',
    state,
  );
});

test('an unknown initial_state is refused, as Kafka Connect does with 500', async () => {
  const body = { name: 'a', config: CONFIG, initial_state: 'ASLEEP' };
  expect((await rest.ask('POST', '/connectors', { body })).status).toBe(500);
});

test('a name taken is 409 in Connect’s words', async () => {
  await create('a');
  const answer = await rest.ask('POST', '/connectors', { body: { name: 'a', config: CONFIG } });
  expect(answer.status).toBe(409);
  expect(answer.json).toMatchObject({ error_code: 409, message: 'Connector a already exists' });
});

test('a config that names another connector is 400', async () => {
  const body = { name: 'a', config: { ...CONFIG, name: 'b' } };
  const answer = await rest.ask('POST', '/connectors', { body });
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({
    message: `Connector name configuration (b) doesn't match connector name in the URL (a)`,
  });
  expect((await rest.ask('PUT', '/connectors/a/config', { body: body.config })).status).toBe(400);
});

test('names with slash, space, dot and umlaut work when they are URL-encoded', async () => {
  for (const name of ['a/b', 'a b', 'x.y-z', 'größe', '100%']) {
    const path = `/connectors/${encodeURIComponent(name)}`;
    const created = await rest.ask('POST', '/connectors', { body: { name, config: CONFIG } });
    expect(created.headers['location']).toBe(`http://127.0.0.1:${rest.port}${path}`);
    expect((await rest.ask('GET', path)).json).toHaveProperty('name', name);
    expect((await rest.ask('DELETE', path)).status).toBe(204);
  }
});

test('expand gives what is asked for each connector, and ignores unknown kinds', async () => {
  await create('a');
  const both = await rest.ask('GET', '/connectors?expand=status&expand=info&expand=more');
  expect(both.json).toMatchObject({ a: { status: { name: 'a' }, info: { name: 'a' } } });
  const one = await rest.ask('GET', '/connectors?expand=status');
  expect(Object.keys((one.json as { a: object }).a)).toEqual(['status']);
  expect((await rest.ask('GET', '/connectors?expand=nothing')).json).toEqual({ a: {} });
});

test('info, config and tasks of a connector', async () => {
  await create('a');
  const config = { ...CONFIG, name: 'a' };
  expect((await rest.ask('GET', '/connectors/a')).json).toMatchObject({
    name: 'a',
    config,
    type: 'sink',
  });
  expect((await rest.ask('GET', '/connectors/a/config')).json).toEqual(config);
  expect((await rest.ask('GET', '/connectors/a/tasks')).json).toEqual([
    { id: { connector: 'a', task: 0 }, config },
  ]);
  expect((await rest.ask('GET', '/connectors/a/tasks/0/status')).json).toEqual({
    id: 0,
    state: 'RUNNING',
    worker_id: '127.0.0.1:8083',
  });
});

test('PUT config creates with 201 and updates with 200', async () => {
  const created = await rest.ask('PUT', '/connectors/a/config', { body: CONFIG });
  const location = `http://127.0.0.1:${rest.port}/connectors/a`;
  expect([created.status, created.headers['location']]).toEqual([201, location]);
  const updated = await rest.ask('PUT', '/connectors/a/config', {
    body: { ...CONFIG, file: '/y' },
  });
  expect([updated.status, updated.headers['location']]).toEqual([200, undefined]);
  expect(updated.json).toMatchObject({ config: { file: '/y', name: 'a' } });
});

test('PATCH config merges, and null removes a key', async () => {
  await create('a');
  const answer = await rest.ask('PATCH', '/connectors/a/config', {
    body: { file: null, more: 'x' },
  });
  expect(answer.status).toBe(200);
  expect(answer.json).toHaveProperty('config', {
    'connector.class': 'FileSink',
    name: 'a',
    more: 'x',
  });
});

test('numbers and booleans become the text that was sent, digit for digit', async () => {
  const body =
    '{"connector.class":"FileSink","a":1.0,"b":12345678901234567890,"c":true,"d":1e3,"e":"7 \\"8\\" 9"}';
  const answer = await rest.ask('PUT', '/connectors/a/config', { body });
  expect(answer.json).toHaveProperty('config', {
    'connector.class': 'FileSink',
    a: '1.0',
    b: '12345678901234567890',
    c: 'true',
    d: '1e3',
    e: '7 "8" 9',
    name: 'a',
  });
});

test('a body of 10 MB is read, whatever its strings hold', async () => {
  const more = 'y'.repeat(5_000_000) + '\\"\n'.repeat(1_000_000);
  const body = { ...CONFIG, more, n: 7 };
  const answer = await rest.ask('PUT', '/connectors/a/config', { body });
  expect(answer.json).toHaveProperty('config.n', '7');
  expect((answer.json as { config: { more: string } }).config.more === more).toBe(true);
});

test('objects and arrays as config values are refused, all at once', async () => {
  const answer = await rest.ask('PUT', '/connectors/a/config', { body: { x: { y: 1 }, z: [1] } });
  expect(answer.status).toBe(500);
  expect(answer.json).toHaveProperty('message', expect.stringMatching(/"x" must be.*"z" must be/));
});

test.each([
  ['not JSON', '{"name":', 500],
  ['an array', '[]', 500],
  ['an unknown field', '{"name":"a","config":{},"conf":{}}', 500],
  ['a config that is no object', '{"name":"a","config":"x"}', 500],
  ['nothing', '', 500],
  ['more levels than there is room for', '['.repeat(100_000), 500],
  ['bytes that are not UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 500],
])('a body with %s is answered with an error body', async (_what, body, status) => {
  const answer = await rest.ask('POST', '/connectors', { body });
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject({ error_code: status, message: expect.any(String) as unknown });
});

test('a body of another content type is 415, one without any is read', async () => {
  const body = JSON.stringify({ name: 'a', config: CONFIG });
  const text = await rest.ask('POST', '/connectors', {
    body,
    headers: { 'Content-Type': 'text/plain' },
  });
  expect([text.status, text.json]).toEqual([415, expect.objectContaining({ error_code: 415 })]);
  const charset = { 'Content-Type': 'application/json; charset=UTF-8' };
  expect((await rest.ask('POST', '/connectors', { body, headers: charset })).status).toBe(201);
});

test('a body above the limit is 413 with an error body', async () => {
  const body = { name: 'a', config: { x: 'y'.repeat(17 * 1024 * 1024) } };
  const answer = await rest.ask('POST', '/connectors', { body });
  expect(answer.json).toMatchObject({ error_code: 413 });
});

test('DELETE is 204 without a body, then 404', async () => {
  await create('a');
  const answer = await rest.ask('DELETE', '/connectors/a');
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect((await rest.ask('DELETE', '/connectors/a')).json).toMatchObject({
    error_code: 404,
    message: 'Connector a not found',
  });
});

test.each([
  ['pause', 202, 'PAUSED'],
  ['resume', 202, 'RUNNING'],
  ['stop', 204, 'STOPPED'],
])('PUT %s is %d with an empty body', async (verb, status, state) => {
  await create('a');
  const answer = await rest.ask('PUT', `/connectors/a/${verb}`);
  expect([answer.status, answer.text]).toEqual([status, '']);
  expect((await rest.ask('GET', '/connectors/a/status')).json).toHaveProperty(
    'connector.state',
    state,
  );
  expect((await rest.ask('PUT', `/connectors/b/${verb}`)).status).toBe(404);
});

test('restart without options is 204, with them 202 and the plan', async () => {
  await create('a');
  const plain = await rest.ask('POST', '/connectors/a/restart');
  expect([plain.status, plain.text]).toEqual([204, '']);
  const off = await rest.ask('POST', '/connectors/a/restart?includeTasks=false&onlyFailed=no');
  expect(off.status).toBe(204);
  const planned = await rest.ask('POST', '/connectors/a/restart?includeTasks=True&onlyFailed=true');
  expect(planned.status).toBe(202);
  expect(planned.json).toMatchObject({ connector: { state: 'RESTARTING' } });
  expect(rest.herder.restarted).toEqual(['a false false', 'a false false', 'a true true']);
});

test('a task restarts with 204; unknown tasks and task numbers that are none are 404', async () => {
  await create('a');
  expect((await rest.ask('POST', '/connectors/a/tasks/0/restart')).status).toBe(204);
  expect((await rest.ask('POST', '/connectors/a/tasks/7/restart')).json).toMatchObject({
    error_code: 404,
    message: 'Unknown task: a-7',
  });
  expect((await rest.ask('POST', '/connectors/a/tasks/x/restart')).status).toBe(404);
  expect((await rest.ask('GET', '/connectors/a/tasks/-1/status')).status).toBe(404);
});

test('topics are listed and reset', async () => {
  await create('a');
  expect((await rest.ask('GET', '/connectors/a/topics')).json).toEqual({
    a: { topics: ['orders'] },
  });
  const reset = await rest.ask('PUT', '/connectors/a/topics/reset');
  expect([reset.status, reset.text]).toEqual([202, '']);
  expect((await rest.ask('GET', '/connectors/a/topics')).json).toEqual({ a: { topics: [] } });
  expect((await rest.ask('GET', '/connectors/nobody/topics')).status).toBe(200);
});

test('topic tracking that is off is 403', async () => {
  rest.herder.nextError = refusal('connect.forbidden', 'Topic tracking is disabled.');
  expect((await rest.ask('GET', '/connectors/a/topics')).json).toMatchObject({
    error_code: 403,
    message: 'Topic tracking is disabled.',
  });
});

test('64-bit offsets come back digit for digit', async () => {
  await create('a');
  const body =
    '{"offsets":[{"partition":{"server":"s"},"offset":{"lsn":9223372036854775807,"ts":1.5,"n":12}}]}';
  const altered = await rest.ask('PATCH', '/connectors/a/offsets', { body });
  expect(altered.json).toEqual({
    message: 'The offsets for this connector have been altered successfully',
  });
  expect(rest.herder.entries.get('a')?.offsets.offsets[0]?.offset).toEqual({
    lsn: 9223372036854775807n,
    ts: 1.5,
    n: 12,
  });
  expect((await rest.ask('GET', '/connectors/a/offsets')).text).toBe(body);
});

test('offsets are reset one by one with null and altogether with DELETE', async () => {
  await create('a');
  const body = { offsets: [{ partition: { kafka_topic: 't', kafka_partition: 0 }, offset: null }] };
  expect((await rest.ask('PATCH', '/connectors/a/offsets', { body })).status).toBe(200);
  expect(rest.herder.entries.get('a')?.offsets).toEqual(body);
  const reset = await rest.ask('DELETE', '/connectors/a/offsets');
  expect([reset.status, reset.json]).toEqual([
    200,
    { message: 'The offsets for this connector have been reset successfully' },
  ]);
});

test.each([
  ['{}', undefined],
  ['{"offsets":null}', undefined],
  ['{"offsets":[]}', undefined],
])('an alter request without offsets (%s) is 400 in Connect’s words', async (body) => {
  await create('a');
  const answer = await rest.ask('PATCH', '/connectors/a/offsets', { body });
  expect([answer.status, (answer.json as { message: string }).message]).toEqual([
    400,
    'Partitions / offsets need to be provided for an alter offsets request',
  ]);
});

test('an offset entry without a partition is 400', async () => {
  await create('a');
  const body = { offsets: [{ offset: { position: 1 } }] };
  expect((await rest.ask('PATCH', '/connectors/a/offsets', { body })).status).toBe(400);
});

test('plugins: connectors by default, all on request; their keys; validation', async () => {
  expect((await rest.ask('GET', '/connector-plugins')).json).toHaveLength(1);
  expect((await rest.ask('GET', '/connector-plugins?connectorsOnly=false')).json).toHaveLength(2);
  expect((await rest.ask('GET', '/connector-plugins/FileSink/config')).json).toMatchObject([
    { name: 'file', order: -1, order_in_group: -1 },
  ]);
  expect((await rest.ask('GET', '/connector-plugins/Nothing/config')).json).toMatchObject({
    error_code: 404,
    message: 'Unknown plugin Nothing.',
  });
  const valid = await rest.ask('PUT', '/connector-plugins/FileSink/config/validate', {
    body: { n: 3 },
  });
  expect(valid.status).toBe(200);
  expect(valid.json).toMatchObject({
    name: 'FileSink',
    error_count: 0,
    configs: [{ value: { value: '3' } }],
  });
});

test('Connect’s paths take and give JSON, whatever the method; upper case is another path', async () => {
  await create('a');
  const ask = async (headers: Readonly<Record<string, string>>): Promise<number> =>
    (await rest.ask('PUT', '/connectors/a/pause', { headers })).status;
  expect(await ask({ Accept: 'application/xml' })).toBe(406);
  expect(await ask({ Accept: 'application/json;q=0' })).toBe(406);
  expect(await ask({ Accept: 'text/html, */*;q=0.8' })).toBe(202);
  expect(await ask({ 'Content-Type': 'text/plain' })).toBe(415);
  expect(await ask({ 'Content-Type': 'application/json; charset=utf-8' })).toBe(202);
  expect((await rest.ask('GET', '/Connectors')).status).toBe(404);
});

test('a PATCH of nothing asks first whether there is such a connector', async () => {
  await create('a');
  expect((await rest.ask('PATCH', '/connectors/none/config', { body: 'null' })).status).toBe(404);
  expect((await rest.ask('PATCH', '/connectors/a/config', { body: 'null' })).status).toBe(500);
});

test('HEAD is GET without a body', async () => {
  await create('a');
  const answer = await rest.ask('HEAD', '/connectors/a');
  expect([answer.status, answer.text]).toEqual([200, '']);
  expect((await rest.ask('HEAD', '/connectors/b')).status).toBe(404);
});

test('an unknown path is 404, a known one with another method 405 with Allow', async () => {
  expect((await rest.ask('GET', '/nowhere')).json).toEqual({
    error_code: 404,
    message: 'HTTP 404 Not Found',
  });
  expect((await rest.ask('GET', '/connectors/a/b/c/d')).status).toBe(404);
  expect((await rest.ask('GET', '/connectors/%E0%A4%A')).status).toBe(400);
  const answer = await rest.ask('POST', '/connectors/a/config', { body: {} });
  expect(answer.json).toEqual({ error_code: 405, message: 'HTTP 405 Method Not Allowed' });
  expect(answer.headers['allow']?.toString().split(', ').sort()).toEqual([
    'GET',
    'HEAD',
    'PATCH',
    'PUT',
  ]);
  expect((await rest.ask('DELETE', '/connectors')).status).toBe(405);
});

test('errors of the herder keep message, code and hint; bugs are 500', async () => {
  rest.herder.nextError = refusal('connect.conflict', 'a rebalance is expected', 'try again');
  expect((await rest.ask('GET', '/connectors')).json).toEqual({
    error_code: 409,
    message: 'a rebalance is expected',
    code: 'connect.conflict',
    hint: 'try again',
  });
  rest.herder.nextError = refusal('log.disk_full', 'no room');
  expect((await rest.ask('GET', '/connectors')).json).toMatchObject({
    error_code: 500,
    message: 'no room',
  });
  rest.herder.nextError = new InvariantError('broken: a promise');
  expect((await rest.ask('GET', '/connectors')).status).toBe(500);
  rest.herder.nextError = new Error('surprise');
  expect((await rest.ask('GET', '/connectors')).json).toEqual({
    error_code: 500,
    message: 'surprise',
  });
});

test('an invalid configuration is one message with every error on its own line', async () => {
  rest.herder.nextError = new ConfigError('x', [
    { key: 'a', message: 'a is wrong' },
    { key: 'b', message: 'b too' },
  ]);
  const answer = await rest.ask('POST', '/connectors', { body: { name: 'a', config: CONFIG } });
  expect(answer.status).toBe(400);
  expect((answer.json as { message: string }).message.split('\n')).toEqual([
    'Connector configuration is invalid and contains the following 2 error(s):',
    'a is wrong',
    'b too',
    'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
  ]);
});

test('a request that takes too long is 500 and says since when', async () => {
  await using slow = await RestHarness.open({ requestTimeoutMs: 20 });
  const gate = deferred();
  slow.herder.gate = gate.promise;
  const answer = await slow.ask('POST', '/connectors', { body: { name: 'a', config: CONFIG } });
  gate.resolve();
  expect(answer.status).toBe(500);
  expect((answer.json as { message: string }).message).toMatch(
    /^Request timed out\. The worker is currently handling POST \/connectors, which began at \d{4}-/,
  );
});

test('a log level of the whole group is noted for its workers, one of this worker is not', async () => {
  await using rest = await RestHarness.open();
  await rest.ask('PUT', '/admin/loggers/a.b', { body: { level: 'DEBUG' } });
  expect(rest.herder.loggerLevels).toEqual([]);
  const noted = await rest.ask('PUT', '/admin/loggers/a.b?scope=cluster', {
    body: { level: 'warn' },
  });
  expect(noted.status).toBe(204);
  expect(rest.herder.loggerLevels).toEqual([['a.b', 'warn']]);
  expect((await rest.ask('GET', '/admin/loggers/a.b')).json).toMatchObject({ level: 'WARN' });
  const twice = '/admin/loggers/c?scope=cluster&scope=worker';
  expect((await rest.ask('PUT', twice, { body: { level: 'WARN' } })).status).toBe(204);
  const refused: readonly [unknown, number][] = [
    [{ level: true }, 404],
    [{ level: 'INFO', more: [] }, 500],
  ];
  for (const [body, status] of refused)
    expect((await rest.ask('PUT', '/admin/loggers/c', { body })).status).toBe(status);
});

test.each([
  ['without a signature', {}, 400, 'Internal request missing required signature'],
  [
    'signed in another way',
    { 'X-Connect-Authorization': 'eA==', 'X-Connect-Request-Signature-Algorithm': 'HmacMD5' },
    400,
    "This worker does not support the 'HmacMD5' key signing algorithm",
  ],
  [
    'signed by nobody that we know',
    { 'X-Connect-Authorization': 'eA==', 'X-Connect-Request-Signature-Algorithm': 'HmacSHA256' },
    403,
    'Internal request contained invalid signature.',
  ],
])('what workers of a group ask each other is refused %s', async (_how, headers, status, words) => {
  await using rest = await RestHarness.open();
  for (const [method, path, body] of [
    ['PUT', '/connectors/none/fence', undefined],
    ['POST', '/connectors/none/tasks', []],
  ] as const) {
    const answer = await rest.ask(method, path, { headers, ...(body && { body }) });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(words);
  }
});
