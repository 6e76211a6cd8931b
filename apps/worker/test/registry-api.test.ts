import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { silentLogger } from '@millrace/foundation';
import { MemorySchemaStore, SchemaRegistry } from '@millrace/schema-registry';
import { createRegistryApplication } from '../src/registry/registry-application.ts';
import { withoutContextPath } from '../src/registry/subject-path.ts';
import { RestServer } from '../src/rest/rest-server.ts';

const V1 = 'application/vnd.schemaregistry.v1+json';
const INT = JSON.stringify({ schema: '"int"' });

let server: RestServer;
let closeApplication: () => Promise<void>;

beforeEach(async () => {
  const registry = new SchemaRegistry({
    store: new MemorySchemaStore(),
    clock: { monotonicMs: () => 0 },
    compatibilityLevel: 'BACKWARD',
    validateFields: false,
    validateNewSchemas: true,
    isModeMutable: true,
    schemaBytesMax: 1000,
  });
  await registry.open();
  const application = await createRegistryApplication({
    registry,
    log: silentLogger,
    schemaBytesMax: 1000,
    schemaSearchMaxLimit: 2,
    kafkaClusterId: () => Promise.resolve('cluster'),
    groupId: 'schema-registry',
    version: '0',
    origins: { hosts: [], allowedOrigins: [] },
  });
  server = await RestServer.open([{ host: '127.0.0.1', port: 0 }]);
  server.serve(application.handler);
  closeApplication = async () => {
    await application[Symbol.asyncDispose]();
  };
});

afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await closeApplication();
});

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

async function ask(
  method: string,
  path: string,
  body?: string,
  headers: Readonly<Record<string, string>> = { 'content-type': V1 },
): Promise<Answer> {
  const response = await fetch(`${server.urls[0] ?? ''}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: text === '' ? undefined : JSON.parse(text) };
}

async function refusal(method: string, path: string, body?: string): Promise<unknown> {
  const answer = await ask(method, path, body);
  const { error_code } = answer.body as { error_code: number };
  return [answer.status, error_code];
}

test('a schema is registered and found by every way to it', async () => {
  const registered = await ask('POST', '/subjects/a%2Fb/versions', INT);
  expect(registered).toMatchObject({ status: 200, type: V1, body: { id: 1, version: 1 } });
  const { guid } = registered.body as { guid: string };
  const paths = [
    ...['/schemas/ids/1', '/subjects/a%2Fb/versions/1', '/subjects/a%2Fb/versions/latest'],
    ...['/subjects/a%2Fb/versions/-1', `/schemas/guids/${guid}`, '/contexts/.x/schemas/ids/1'],
  ];
  for (const path of paths.slice(0, -1))
    expect((await ask('GET', path)).body).toMatchObject({ schema: '"int"', guid, deleted: false });
  expect(await refusal('GET', '/contexts/.x/schemas/ids/1')).toEqual([404, 40403]);
  expect((await ask('GET', '/schemas/ids/1/schema')).body).toBe('int');
  expect((await ask('GET', '/schemas/ids/1/subjects')).body).toEqual(['a/b']);
  expect((await ask('GET', '/schemas/ids/1/versions')).body).toEqual([
    { subject: 'a/b', version: 1 },
  ]);
  expect((await ask('GET', `/schemas/guids/${guid}/ids`)).body).toEqual([{ context: '.', id: 1 }]);
  expect((await ask('POST', '/subjects/a%2Fb', INT)).body).toMatchObject({ id: 1, version: 1 });
  expect((await ask('GET', '/subjects/a%2Fb/versions/1/schema')).body).toBe('int');
});

test('answers come in the media type that is asked for', async () => {
  const json = await ask('GET', '/subjects', undefined, { accept: 'application/json' });
  expect(json).toEqual({ status: 200, type: 'application/json', body: [] });
  const any = await ask('GET', '/subjects', undefined, { accept: '*/*' });
  expect(any.type).toBe(V1);
  const plain = await ask('POST', '/subjects/a/versions', INT, { 'content-type': 'text/plain' });
  expect(plain).toMatchObject({ status: 415, body: { error_code: 415 } });
});

test.each([
  ['GET', '/schemas/ids/77', undefined, [404, 40403]],
  ['GET', '/schemas/ids/x', undefined, [404, 404]],
  ['GET', '/nothing/here', undefined, [404, 404]],
  ['GET', '/subjects/nobody/versions', undefined, [404, 40401]],
  ['GET', '/subjects/nobody/versions/0', undefined, [422, 42202]],
  ['GET', '/subjects/nobody/versions/first', undefined, [422, 42202]],
  ['DELETE', '/subjects/nobody', undefined, [404, 40401]],
  ['POST', '/subjects/a/versions', '{', [400, 400]],
  ['POST', '/subjects/a/versions', '[]', [400, 400]],
  ['POST', '/subjects/a/versions', '', [422, 422]],
  ['POST', '/subjects/a/versions', '{}', [422, 42201]],
  ['POST', '/subjects/a/versions', '{"schema":7}', [400, 400]],
  ['POST', '/subjects/a/versions', '{"schema":"{"}', [422, 42201]],
  ['POST', '/subjects/a/versions', '{"schema":"\\"int\\"","schemaType":"XML"}', [422, 42201]],
  ['POST', '/subjects/a/versions', '{"schema":"\\"int\\"","id":5}', [422, 42205]],
  ['POST', '/subjects/a/versions', '{"schema":"\\"int\\"","version":5}', [422, 42201]],
  ['POST', '/subjects/a/versions', '{"schema":"\\"int\\"","references":[{}]}', [400, 400]],
  ['POST', '/subjects/__GLOBAL/versions', INT, [422, 42208]],
  [
    'POST',
    '/subjects/a/versions',
    JSON.stringify({ schema: `"${'x'.repeat(2000)}"` }),
    [422, 42209],
  ],
  ['POST', '/subjects/a/versions', 'x'.repeat(2_000_000), [413, 413]],
  ['POST', '/compatibility/subjects/a/versions/3', INT, [404, 40402]],
  ['PUT', '/config', '{"compatibility":"SOMEHOW"}', [422, 42203]],
  ['PUT', '/mode', '{"mode":"SOMEHOW"}', [422, 42204]],
  ['GET', '/config/nobody', undefined, [404, 40408]],
  ['GET', '/mode/nobody', undefined, [404, 40409]],
  ['DELETE', '/config/nobody', undefined, [404, 40401]],
])('%s %s is refused (%#)', async (method, path, body, expected) => {
  expect(await refusal(method, path, body)).toEqual(expected);
});

test('configuration and mode: of all, of a context, of a subject', async () => {
  expect((await ask('GET', '/config')).body).toEqual({ compatibilityLevel: 'BACKWARD' });
  expect((await ask('PUT', '/config', '{"compatibility":"full"}')).body).toEqual({
    compatibility: 'FULL',
  });
  expect((await ask('GET', '/config/a?defaultToGlobal=true')).body).toEqual({
    compatibilityLevel: 'FULL',
  });
  await ask('PUT', '/config/a', '{"compatibility":"NONE","normalize":true}');
  await ask('PUT', '/config/a', '{"alias":"b"}');
  expect((await ask('GET', '/config/a')).body).toEqual({
    ...{ alias: 'b', normalize: true, compatibilityLevel: 'NONE' },
  });
  expect((await ask('POST', '/subjects/a/versions', INT)).body).toMatchObject({ id: 1 });
  expect((await ask('GET', '/subjects')).body).toEqual(['b']);
  expect((await ask('DELETE', '/config/a')).status).toBe(200);
  expect((await ask('PUT', '/contexts/.x/config', '{"compatibility":"NONE"}')).status).toBe(200);
  expect((await ask('GET', '/config/:.x:')).body).toEqual({ compatibilityLevel: 'NONE' });
  expect((await ask('PUT', '/mode', '{"mode":"READONLY"}')).body).toEqual({ mode: 'READONLY' });
  expect(await refusal('PUT', '/config', '{"compatibility":"NONE"}')).toEqual([422, 42205]);
  expect(await refusal('POST', '/subjects/c/versions', INT)).toEqual([422, 42205]);
  expect((await ask('DELETE', '/mode')).body).toEqual({ mode: 'READONLY' });
});

test('lists are paged, and a search answers with no more than its limit', async () => {
  for (const name of ['c', 'a', 'b']) await ask('POST', `/subjects/${name}/versions`, INT);
  expect((await ask('GET', '/subjects?offset=1&limit=1')).body).toEqual(['b']);
  expect((await ask('GET', '/subjects?subjectPrefix=c')).body).toEqual(['c']);
  expect((await ask('GET', '/schemas')).body).toHaveLength(2);
  expect((await ask('GET', '/schemas?offset=2')).body).toMatchObject([{ subject: 'c' }]);
});

test('details of a compatibility check', async () => {
  await ask('POST', '/subjects/a/versions', INT);
  const body = JSON.stringify({ schema: '"string"' });
  const path = '/compatibility/subjects/a/versions/latest';
  expect((await ask('POST', path, body)).body).toEqual({ is_compatible: false });
  const { messages } = (await ask('POST', `${path}?verbose=true`, body)).body as {
    messages: string[];
  };
  expect(messages[0]).toContain('TYPE_MISMATCH');
  expect(messages).toContain("{validateFields: 'false', compatibility: 'BACKWARD'}");
  const wrong = await ask('POST', `${path}?verbose=true`, '{"schema":"{"}');
  expect(wrong.body).toMatchObject({ is_compatible: false });
});

test('web pages of other sites can neither write nor call the registry by another name', async () => {
  const headers = { 'content-type': V1, origin: 'https://evil.example' };
  const answer = await ask('POST', '/subjects/a/versions', INT, headers);
  expect(answer.status).toBe(403);
});

test.each([
  ['/contexts/.x/subjects/a/versions?b=1', '/subjects/%3A.x%3Aa/versions?b=1'],
  ['/contexts/:.x:/subjects/a%2Fb', '/subjects/%3A.x%3Aa%2Fb'],
  ['/contexts/x/config', '/config/%3A.x%3A'],
  ['/contexts/.x/subjects', '/subjects?subjectPrefix=%3A.x%3A'],
  ['/contexts/.x/schemas/ids/1', '/schemas/ids/1?subject=%3A.x%3A'],
  ['/contexts/./subjects/a', '/subjects/a'],
  ['/contexts', '/contexts'],
  ['/contexts/:.x:', '/contexts/:.x:'],
  ['/subjects/contexts', '/subjects/contexts'],
])('%s means %s', (path, expected) => {
  expect(withoutContextPath(path)).toBe(expected);
});
