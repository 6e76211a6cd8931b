import { beforeAll, expect, test } from '@jest/globals';
import { validate } from '@readme/openapi-parser';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApiDocument } from '../src/rest/openapi/document.ts';
import type { Answer } from './rest-harness.ts';
import { RestHarness } from './rest-harness.ts';

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
interface DescribedOperation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, unknown>>;
}

const document = openApiDocument('9.9.9');
const described = document as unknown as Described;
const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

test('the document is valid OpenAPI 3.1, and is served', async () => {
  const outcome = await validate(structuredClone(document) as Parameters<typeof validate>[0]);
  expect(outcome).toMatchObject({ valid: true });
  await using rest = await RestHarness.open();
  expect((await rest.ask('GET', '/api/openapi.json')).json).toEqual(document);
});

test('every route is described, and nothing else is', async () => {
  await using rest = await RestHarness.open();
  const served = rest
    .routes()
    .flatMap(({ path, methods }) =>
      methods
        .filter((method) => METHODS.includes(method))
        .map((method) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    );
  const inDocument = Object.entries(described.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  expect([...new Set(served)].sort()).toEqual([...inDocument].sort());
  const ids = Object.values(described.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
});

let ajv: Ajv2020;
beforeAll(() => {
  ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'api', ...document });
});

/** The check of the answer that the document gives for this status. */
function checkOf(method: string, path: string, status: number): ValidateFunction | undefined {
  const operation = described.paths[path]?.[method.toLowerCase()];
  const at = Object.hasOwn(operation?.responses ?? {}, String(status)) ? String(status) : 'default';
  const isNamed = operation !== undefined && '$ref' in (operation.responses[at] as object);
  const pointer = isNamed
    ? `/components/responses/Error${at === 'default' ? '' : at}`
    : `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${at}`;
  const response = isNamed
    ? described.components['responses']?.[`Error${at === 'default' ? '' : at}`]
    : operation?.responses[at];
  const hasContent = typeof response === 'object' && response !== null && 'content' in response;
  if (!hasContent) return undefined;
  return ajv.compile({ $ref: `api#${pointer}/content/application~1json/schema` });
}

function escaped(path: string): string {
  return encodeURI(path.replaceAll('~', '~0').replaceAll('/', '~1'));
}

test('answers are as the document says, refusals too', async () => {
  await using rest = await RestHarness.open();
  const check = async (
    method: string,
    path: string,
    url: string,
    body?: unknown,
  ): Promise<Answer> => {
    const answer = await rest.ask(method, url, body === undefined ? {} : { body });
    const validator = checkOf(method, path, answer.status);
    const problems =
      validator === undefined
        ? answer.text
        : validator(answer.json)
          ? ''
          : JSON.stringify(validator.errors);
    expect(`${method} ${url} ${answer.status} ${problems}`).toBe(
      `${method} ${url} ${answer.status} `,
    );
    return answer;
  };
  const config = { 'connector.class': 'FileSink', file: '/x' };
  expect(checkOf('GET', '/connectors/{name}', 200)?.({ name: 'a' })).toBe(false); // it can fail
  const named = '/connectors/{name}';
  await check('GET', '/', '/');
  await check('GET', '/health', '/health');
  await check('POST', '/connectors', '/connectors', { name: 'a', config });
  await check('POST', '/connectors', '/connectors', { name: 'a', config });
  await check('POST', '/connectors', '/connectors', 'nonsense');
  await check('GET', '/connectors', '/connectors');
  await check('GET', '/connectors', '/connectors?expand=status&expand=info');
  await check('GET', named, '/connectors/a');
  await check('GET', named, '/connectors/none');
  await check('GET', `${named}/config`, '/connectors/a/config');
  await check('PUT', `${named}/config`, '/connectors/a/config', config);
  await check('PUT', `${named}/config`, '/connectors/b/config', config);
  await check('PATCH', `${named}/config`, '/connectors/a/config', { more: 1 });
  await check('GET', `${named}/status`, '/connectors/a/status');
  await check('GET', `${named}/tasks`, '/connectors/a/tasks');
  await check('GET', `${named}/tasks/{task}/status`, '/connectors/a/tasks/0/status');
  await check('POST', `${named}/tasks/{task}/restart`, '/connectors/a/tasks/0/restart');
  await check('PUT', `${named}/fence`, '/connectors/a/fence');
  await check('POST', `${named}/tasks`, '/connectors/a/tasks', []);
  await check('POST', `${named}/tasks`, '/connectors/a/tasks', {});
  await check('POST', `${named}/restart`, '/connectors/a/restart');
  await check('POST', `${named}/restart`, '/connectors/a/restart?includeTasks=true');
  for (const verb of ['pause', 'resume', 'stop'])
    await check('PUT', `${named}/${verb}`, `/connectors/a/${verb}`);
  const offsets = { offsets: [{ partition: { file: 'x' }, offset: { position: 7 } }] };
  await check('PATCH', `${named}/offsets`, '/connectors/a/offsets', offsets);
  await check('PATCH', `${named}/offsets`, '/connectors/a/offsets', { offsets: [] });
  await check('GET', `${named}/offsets`, '/connectors/a/offsets');
  await check('DELETE', `${named}/offsets`, '/connectors/a/offsets');
  await check('GET', `${named}/topics`, '/connectors/a/topics');
  await check('PUT', `${named}/topics/reset`, '/connectors/a/topics/reset');
  await check('GET', '/connector-plugins', '/connector-plugins?connectorsOnly=false');
  await check('GET', '/connector-plugins/{name}/config', '/connector-plugins/FileSink/config');
  await check('GET', '/connector-plugins/{name}/config', '/connector-plugins/none/config');
  const validation = '/connector-plugins/{name}/config/validate';
  await check('PUT', validation, '/connector-plugins/FileSink/config/validate', config);
  await check('GET', '/api/plugins', '/api/plugins');
  await check('GET', '/api/worker', '/api/worker');
  await check('PUT', '/admin/loggers/{name}', '/admin/loggers/x', { level: 'DEBUG' });
  await check('PUT', '/admin/loggers/{name}', '/admin/loggers/x?scope=cluster', { level: 'INFO' });
  await check('PUT', '/admin/loggers/{name}', '/admin/loggers/x', {});
  await check('GET', '/admin/loggers', '/admin/loggers');
  await check('GET', '/admin/loggers/{name}', '/admin/loggers/x');
  await check('DELETE', named, '/connectors/a');
});
