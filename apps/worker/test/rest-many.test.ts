import { Agent, request } from 'node:http';
import { expect, test } from '@jest/globals';
import { RestHarness } from './rest-harness.ts';

const REQUESTS = 10_000;
/** As many sockets as a process has file descriptors for by default, on both sides of them. */
const SOCKETS = 400;

const EXPECTED: ReadonlySet<string> = new Set([
  'GET / 200',
  'GET /connectors/* 200',
  'GET /connectors/* 404', // not made yet
  'GET /connectors/none 404',
  'POST /connectors 201',
  'POST /connectors 409',
  'POST /connectors 500', // what is no JSON
]);

test('10,000 requests at once are all answered as they should be, and leave no half-made connector', async () => {
  await using rest = await RestHarness.open();
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });
  const counts = new Map<string, number>();
  const names = 50;
  const ask = async (index: number): Promise<void> => {
    const name = `c${index % names}`;
    const [method, path, body] = kinds(name)[index % 5] ?? ['GET', '/', undefined];
    const status = await statusOf(agent, rest.port, method, path, body);
    const shown = path.replace(/c\d+$/, '*');
    const outcome = `${method} ${shown} ${status}`;
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  };
  await Promise.all(Array.from({ length: REQUESTS }, (_, index) => ask(index)));
  agent.destroy();
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  expect(total).toBe(REQUESTS);
  // A name is made once; whoever comes later is told that it exists.
  expect(counts.get('POST /connectors 201')).toBe(names / 5);
  expect([...counts.keys()].filter((outcome) => !EXPECTED.has(outcome))).toEqual([]);
}, 120_000);

function kinds(name: string): readonly (readonly [string, string, string | undefined])[] {
  const config = { 'connector.class': 'FileSink', file: '/x' };
  return [
    ['POST', '/connectors', JSON.stringify({ name, config })],
    [
      'GET',
      `/connectors/${name.replace(/\d+/, (n) => String(Number(n) - (Number(n) % 5)))}`,
      undefined,
    ],
    ['GET', '/', undefined],
    ['GET', '/connectors/none', undefined],
    ['POST', '/connectors', '{"name":'],
  ];
}

function statusOf(
  agent: Agent,
  port: number,
  method: string,
  path: string,
  body: string | undefined,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request({ agent, host: '127.0.0.1', port, method, path, headers }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
