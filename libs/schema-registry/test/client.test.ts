import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { MillraceError, systemClock, systemRandom } from '@millrace/foundation';
import { openRegistryClient } from '../src/client/open-client.ts';
import type { RegistryClient } from '../src/client/registry-client.ts';
import type { SchemaText } from '../src/client/schema-text.ts';

const TEXT: SchemaText = { schemaType: 'AVRO', schema: '"string"', references: [] };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(answer: Answer): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
}

const json =
  (body: unknown, status = 200): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

function open(url: string, config: Readonly<Record<string, string>> = {}): RegistryClient {
  return openRegistryClient(
    { 'schema.registry.url': url, 'max.retries': '0', 'retries.wait.ms': '1', ...config },
    { clock: systemClock, random: systemRandom },
  );
}

async function failure(attempt: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MillraceError) return error;
  throw new Error(`expected a MillraceError, got ${String(error)}`);
}

describe('credentials are sent, and shown nowhere', () => {
  test.each([
    ['http://me:geheim@', {}, `Basic ${Buffer.from('me:geheim').toString('base64')}`],
    [
      'http://',
      { 'basic.auth.credentials.source': 'USER_INFO', 'basic.auth.user.info': 'me:geheim' },
      `Basic ${Buffer.from('me:geheim').toString('base64')}`,
    ],
    [
      'http://',
      {
        'basic.auth.credentials.source': 'SASL_INHERIT',
        'sasl.jaas.config': 'X required username="me" password="geheim";',
      },
      `Basic ${Buffer.from('me:geheim').toString('base64')}`,
    ],
    ['http://', { 'bearer.auth.token': 'geheim' }, 'Bearer geheim'],
  ])('%s with %j', async (scheme, config, expected) => {
    let seen: string | undefined;
    const host = await serve((request, response) => {
      seen = request.headers.authorization;
      json({ error_code: 40101, message: 'Unauthorized' }, 401)(request, response);
    });
    const error = await failure(open(scheme + host, config).byId(1));
    expect(seen).toBe(expected);
    expect(error).toMatchObject({ code: 'registry.refused', retry: 'fatal' });
    expect(`${error.message} ${error.hint ?? ''} ${JSON.stringify(error)}`).not.toContain('geheim');
  });
});

test('a registry that hangs is given up, and the next one is asked', async () => {
  const hanging = await serve(() => undefined);
  const answering = await serve(json({ id: 7 }));
  const client = open(`http://${hanging},http://${answering}`, { 'http.read.timeout.ms': '50' });
  expect((await client.register('s', TEXT, false)).id).toBe(7);
});

test('registries that are away, broken or overloaded are a retriable error that says why', async () => {
  const broken = await serve(json({ error_code: 50001, message: 'no store' }, 500));
  const cut = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{');
    response.destroy();
  });
  const error = await failure(open(`http://127.0.0.1:1,http://${cut},http://${broken}`).byId(1));
  expect(error).toMatchObject({ code: 'registry.unavailable', retry: 'retriable' });
  expect(error.message).toContain('50001: no store');
});

test('the whole list is tried again as often as asked for', async () => {
  let count = 0;
  const host = await serve((request, response) => {
    count++;
    json(count < 3 ? {} : { id: 1 }, count < 3 ? 503 : 200)(request, response);
  });
  await open(`http://${host}`, { 'max.retries': '2' }).register('s', TEXT, false);
  expect(count).toBe(3);
});

test.each([
  ['<html>', 'registry.bad_answer'],
  ['[]', 'registry.bad_answer'],
  ['{"id":"x"}', 'registry.bad_answer'],
])('the answer %s is that of something else', async (body, code) => {
  const host = await serve((_, response) => {
    response.end(body);
  });
  expect((await failure(open(`http://${host}`).register('s', TEXT, false))).code).toBe(code);
});

test('an id is asked for once, also by many at the same time; a failure is not kept', async () => {
  let count = 0;
  const host = await serve((request, response) => {
    count++;
    if (count === 1) json({ error_code: 40403, message: 'not found' }, 404)(request, response);
    else json({ schema: '"string"' })(request, response);
  });
  const client = open(`http://${host}`);
  expect((await failure(client.byId(5))).message).toContain('40403');
  await Promise.all([client.byId(5), client.byId(5), client.byId(5)]);
  await client.byId(5);
  expect(count).toBe(2);
});

test('subjects may have any characters, and a path before the API is kept', async () => {
  const seen: string[] = [];
  const host = await serve((request, response) => {
    seen.push(request.url ?? '');
    json({ id: 1 })(request, response);
  });
  await open(`http://${host}/registry/`).register('a/b c', TEXT, true);
  expect(seen).toEqual(['/registry/subjects/a%2Fb%20c/versions?normalize=true']);
});

test('a configuration names all its problems', () => {
  const broken = { 'schema.registry.url': 'ftp://x', 'max.retries': 'many' };
  expect(() => openRegistryClient(broken, { clock: systemClock, random: systemRandom })).toThrow(
    /max\.retries.*|schema\.registry\.url/s,
  );
});
