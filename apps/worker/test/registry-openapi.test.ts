import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { validate } from '@readme/openapi-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { silentLogger } from '@millrace/foundation';
import { MemorySchemaStore, SchemaRegistry } from '@millrace/schema-registry';
import { registryDocument } from '../src/registry/openapi/document.ts';
import {
  createRegistryApplication,
  type RegistryApplication,
} from '../src/registry/registry-application.ts';
import { RestServer } from '../src/rest/rest-server.ts';

interface Described {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly operationId: string; readonly responses: Readonly<Record<string, object>> }
        >
      >
    >
  >;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const document = registryDocument('9.9.9');
const { paths } = document as unknown as Described;
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ $id: 'api', ...document });

let application: RegistryApplication;
let server: RestServer;

beforeAll(async () => {
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
  application = await createRegistryApplication({
    registry,
    log: silentLogger,
    schemaBytesMax: 1000,
    schemaSearchMaxLimit: 10,
    kafkaClusterId: () => Promise.resolve('cluster'),
    groupId: 'schema-registry',
    version: '9.9.9',
    origins: { hosts: [], allowedOrigins: [] },
  });
  server = await RestServer.open([{ host: '127.0.0.1', port: 0 }]);
  server.serve(application.handler);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await application[Symbol.asyncDispose]();
});

test('the document is valid OpenAPI 3.1, and is served', async () => {
  const outcome = await validate(structuredClone(document) as Parameters<typeof validate>[0]);
  expect(outcome).toMatchObject({ valid: true });
  const response = await fetch(`${server.urls[0] ?? ''}/api/openapi.json`);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual(document);
});

test('every route is described, and nothing else is', () => {
  const served = application
    .routes()
    .flatMap(({ path, methods }) =>
      methods
        .filter((method) => METHODS.includes(method))
        .map((method) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  expect([...new Set(served)].sort()).toEqual([...described].sort());
  const ids = Object.values(paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

function problemsOf(method: string, path: string, status: number, json: unknown): string {
  const responses = paths[path]?.[method.toLowerCase()]?.responses ?? {};
  const isNamed = Object.hasOwn(responses, String(status));
  const pointer = isNamed
    ? `/paths/${encodeURI(path.replaceAll('/', '~1'))}/${method.toLowerCase()}/responses/${status}`
    : '/components/responses/Error';
  if (isNamed && !('content' in (responses[String(status)] ?? {})))
    return json === undefined ? '' : 'an answer where none is described';
  const check = ajv.compile({ $ref: `api#${pointer}/content/application~1json/schema` });
  return check(json) ? '' : JSON.stringify(check.errors);
}

async function check(method: string, path: string, url: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${server.urls[0] ?? ''}${url}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: unknown = text === '' ? undefined : JSON.parse(text);
  const problems = problemsOf(method, path, response.status, json);
  expect(`${method} ${url} ${response.status} ${problems} ${problems && text}`.trim()).toBe(
    `${method} ${url} ${response.status}`,
  );
  return json;
}

test('answers are as the document says, refusals too', async () => {
  expect(problemsOf('GET', '/schemas/ids/{id}', 200, { schema: 1 })).not.toBe(''); // it can fail
  expect(problemsOf('GET', '/schemas/ids/{id}', 404, { code: 'x' })).not.toBe('');
  const record = (...fields: readonly object[]): object => ({
    schema: JSON.stringify({ type: 'record', name: 'A', fields }),
  });
  const first = { ...record(), metadata: { properties: { owner: 'me' } } };
  const subject = '/subjects/{subject}';
  const versions = `${subject}/versions`;
  const version = `${versions}/{version}`;
  const registered = (await check('POST', versions, '/subjects/a/versions', first)) as {
    readonly guid: string;
  };
  await check('POST', versions, '/subjects/a/versions', { schema: 'nonsense' });
  const referring = {
    schema: '{"type":"array","items":"A"}',
    references: [{ name: 'A', subject: 'a', version: 1 }],
  };
  await check('POST', versions, '/subjects/b/versions', referring);
  await check('GET', versions, '/subjects/a/versions');
  await check('GET', versions, '/subjects/none/versions');
  for (const number of ['1', 'latest', '7', 'x'])
    await check('GET', version, `/subjects/a/versions/${number}`);
  await check('GET', version, '/subjects/b/versions/1?referenceFormat=qualified');
  await check('GET', `${version}/schema`, '/subjects/a/versions/1/schema');
  await check('GET', `${version}/referencedby`, '/subjects/a/versions/1/referencedby');
  await check('GET', '/subjects', '/subjects');
  await check('POST', subject, '/subjects/a', first);
  await check('POST', subject, '/subjects/a', record({ name: 'x', type: 'int' }));
  await check('GET', `${subject}/metadata`, '/subjects/a/metadata?key=owner&value=me');
  await check('GET', '/schemas', '/schemas?aliases=true');
  await check('GET', '/schemas/types', '/schemas/types');
  await check('GET', '/schemas/ids/{id}', '/schemas/ids/1?subject=a&fetchMaxId=true');
  await check('GET', '/schemas/ids/{id}', '/schemas/ids/2');
  await check('GET', '/schemas/ids/{id}', '/schemas/ids/99');
  for (const part of ['schema', 'subjects', 'versions'])
    await check('GET', `/schemas/ids/{id}/${part}`, `/schemas/ids/1/${part}`);
  await check('GET', '/schemas/guids/{guid}', `/schemas/guids/${registered.guid}`);
  await check('GET', '/schemas/guids/{guid}/ids', `/schemas/guids/${registered.guid}/ids`);
  const compatibility = '/compatibility/subjects/{subject}/versions';
  const wrong = record({ name: 'x', type: 'int' });
  await check('POST', compatibility, '/compatibility/subjects/a/versions?verbose=true', wrong);
  await check('POST', `${compatibility}/{version}`, '/compatibility/subjects/a/versions/1', wrong);
  await check('POST', versions, '/subjects/a/versions', wrong);
  const config = { compatibility: 'FULL', normalize: true, alias: 'a' };
  for (const [path, url] of [
    ['/config', '/config'],
    ['/config/{subject}', '/config/c'],
  ] as const) {
    await check('PUT', path, url, config);
    await check('PUT', path, url, { compatibility: 'nonsense' });
    await check('GET', path, url);
    await check('DELETE', path, url);
  }
  await check('GET', '/config/{subject}', '/config/c');
  for (const [path, url] of [
    ['/mode', '/mode'],
    ['/mode/{subject}', '/mode/c'],
  ] as const) {
    await check('PUT', path, url, { mode: 'READONLY' });
    await check('PUT', path, url, { mode: 'nonsense' });
    await check('GET', path, url);
    await check('DELETE', path, url);
  }
  await check('GET', '/mode/{subject}', '/mode/c');
  await check('GET', '/contexts', '/contexts');
  await check('DELETE', '/contexts/{context}', '/contexts/.none');
  await check('GET', '/', '/');
  await check('POST', '/', '/', {});
  await check('GET', '/v1/metadata/id', '/v1/metadata/id');
  await check('GET', '/v1/metadata/version', '/v1/metadata/version');
  await check('DELETE', version, '/subjects/b/versions/1');
  await check('DELETE', subject, '/subjects/a');
  await check('DELETE', subject, '/subjects/none');
});
