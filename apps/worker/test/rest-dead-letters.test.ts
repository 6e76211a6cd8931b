import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RestHarness } from './rest-harness.ts';

const BASE = '/api/connectors/a';
let rest: RestHarness;
beforeAll(async () => {
  rest = await RestHarness.open();
  const config = { 'connector.class': 'FileSink', file: '/tmp/x' };
  await rest.ask('POST', '/connectors', { body: { name: 'a', config } });
});
afterAll(() => rest[Symbol.asyncDispose]());

test('errors are listed and cleared; those of nobody are a 404', async () => {
  expect(await rest.ask('GET', `${BASE}/errors`)).toMatchObject({
    status: 200,
    json: { name: 'a', groups: [], forgotten: 0 },
  });
  expect((await rest.ask('DELETE', `${BASE}/errors`)).status).toBe(204);
  expect((await rest.ask('GET', '/api/connectors/b/errors')).status).toBe(404);
});

test('a page of dead letters is chosen by the query', async () => {
  const query =
    'from=-5&partition=1&fingerprint=f&stage=TASK_PUT&limit=7&cursor=1:9&since=2026-01-31T12:00:00Z&until=1';
  expect((await rest.ask('GET', `${BASE}/dead-letters?${query}`)).status).toBe(200);
  expect(rest.herder.asked).toEqual({
    from: -5,
    partition: 1,
    fingerprint: 'f',
    stage: 'TASK_PUT',
    limit: 7,
    cursor: '1:9',
    since: Date.UTC(2026, 0, 31, 12),
    until: 1,
  });
  expect((await rest.ask('GET', `${BASE}/dead-letters?limit=many`)).status).toBe(400);
  expect((await rest.ask('GET', `${BASE}/dead-letters?since=yesterday`)).status).toBe(400);
  expect((await rest.ask('GET', `${BASE}/dead-letters/0/9`)).status).toBe(404);
  expect((await rest.ask('GET', `${BASE}/dead-letters/x/9`)).status).toBe(404);
});

test('a replay is begun with a body or without, and what the body may not say is refused', async () => {
  const path = `${BASE}/dead-letters/replay`;
  expect((await rest.ask('POST', path)).status).toBe(202);
  expect(rest.herder.asked).toEqual({});
  const body = { dry_run: true, from: 1, to: 2, limit: 3, partition: 0, fingerprint: 'f' };
  expect(await rest.ask('POST', path, { body })).toMatchObject({
    status: 202,
    json: { id: 'r1', state: 'completed' },
  });
  expect(rest.herder.asked).toEqual(body);
  for (const wrong of [{ limit: 0 }, { from: -1 }, { dry_run: 'yes' }, { limit: 1.5 }])
    expect((await rest.ask('POST', path, { body: wrong })).status).toBe(400);
  // As Connect answers to members that it does not know.
  expect((await rest.ask('POST', path, { body: { offsets: [] } })).status).toBe(500);
  expect((await rest.ask('GET', `${path}/r1`)).status).toBe(200);
  expect((await rest.ask('GET', path)).json).toMatchObject([{ id: 'r1' }]);
  expect((await rest.ask('DELETE', `${path}/r1`)).status).toBe(200);
});
