import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RestClient } from '../src/rest-client.ts';
import { workerAccess } from '../src/worker-access.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const authorization = (
  options: Parameters<typeof workerAccess>[0],
  environment: Readonly<Record<string, string>> = {},
): string | undefined => workerAccess(options, environment).authorization;

test('options win over the environment, a token over a user', () => {
  expect(authorization({})).toBeUndefined();
  expect(authorization({ user: 'ada' }, { MILLRACE_PASSWORD: 'p' })).toBe(basic('ada:p'));
  expect(authorization({ user: 'ada:p:q' })).toBe(basic('ada:p:q'));
  expect(authorization({ token: 't' }, { MILLRACE_USER: 'ada' })).toBe('Bearer t');
  const both = { MILLRACE_USER: 'ada', MILLRACE_PASSWORD: 'p', MILLRACE_TOKEN: 't' };
  expect(authorization({}, both)).toBe('Bearer t');
  expect(authorization({ user: 'bob' }, both)).toBe(basic('bob:p'));
  expect(() => authorization({ user: 'ada' })).toThrow(/MILLRACE_PASSWORD/);
  expect(() => authorization({ user: 'a', token: 't' })).toThrow(/exclude/);
});

test('certificates to trust come from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-ca-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, 'certificate');
  expect(workerAccess({ ca }, {}).ca).toEqual(['certificate']);
  expect(workerAccess({}, { MILLRACE_CA: ca }).ca).toEqual(['certificate']);
  rmSync(folder, { recursive: true });
  expect(() => workerAccess({ ca }, {})).toThrow(/ca\.pem/);
});

test('a refusal by a worker that wants a name says how to give one, and repeats none', async () => {
  let seen: string | undefined;
  const server = createServer((request, response) => {
    seen = request.headers.authorization;
    response.writeHead(401, { 'Content-Type': 'application/json' });
    response.end('{"error_code":401,"message":"User cannot access the resource."}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = new RestClient(`http://127.0.0.1:${port}`, () =>
    workerAccess({ token: 'hush' }, {}),
  );
  await expect(client.ask('GET', '/connectors')).rejects.toMatchObject({
    message: 'User cannot access the resource.',
    hint: expect.stringContaining('MILLRACE_TOKEN') as unknown,
  });
  expect(seen).toBe('Bearer hush');
  await new Promise((resolve) => server.close(resolve));
});
