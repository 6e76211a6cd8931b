import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { brokerFields } from '@millrace/broker';
import { ConfigError } from '@millrace/config';
import { deferred } from '@millrace/foundation';
import { workerFields } from '@millrace/runtime';
import { resolveWorkerConfig } from '../src/config.ts';
import { onlyAdmin, withoutAdmin } from '../src/rest/admin-paths.ts';
import { RestServer } from '../src/rest/rest-server.ts';
import { ask } from './rest-harness.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  const certificate = (name: string): void => {
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
        ...['-keyout', path(`${name}.key`), '-out', path(`${name}.pem`), '-days', '2'],
        ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
      ],
      { stdio: 'ignore' },
    );
  };
  certificate('server');
  certificate('client');
  const both = readFileSync(path('server.key'), 'utf8') + readFileSync(path('server.pem'), 'utf8');
  writeFileSync(path('server.all.pem'), both);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const path = (name: string): string => join(folder, name);
const settingsOf = (config: Readonly<Record<string, string>>) =>
  resolveWorkerConfig(config, { broker: brokerFields, runtime: workerFields });

function problemsOf(config: Readonly<Record<string, string>>): readonly string[] {
  try {
    settingsOf(config);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message }) => message);
    throw error;
  }
}

/** The status, or the error of the connection. */
function askByTls(port: number, options: object): Promise<number | string> {
  return new Promise((resolve) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path: '/health',
        ca: readFileSync(path('server.pem')),
        ...options,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
    sent.end();
  });
}

test('https is served with a PEM key store, and plain http beside it', async () => {
  const { rest } = settingsOf({
    listeners: 'https://127.0.0.1:0, http://127.0.0.1:0',
    'listeners.https.ssl.keystore.type': 'PEM',
    'listeners.https.ssl.keystore.location': path('server.all.pem'),
  });
  await using server = await RestServer.open(rest.listeners, { tls: rest.tls?.options });
  const [tls, plain] = server.listeners;
  expect(server.urls[0]).toBe(`https://127.0.0.1:${tls?.port}`);
  expect(await askByTls(tls?.port ?? 0, {})).toBe(503);
  expect((await ask(plain?.port ?? 0, 'GET', '/health', {})).status).toBe(503);
  expect(await askByTls(tls?.port ?? 0, { ca: readFileSync(path('client.pem')) })).toMatch(
    /SELF_SIGNED|UNABLE_TO/,
  );
});

test('a client without a certificate that is trusted is refused when one is required', async () => {
  const { rest } = settingsOf({
    listeners: 'https://0.0.0.0:0',
    'ssl.keystore.key': readFileSync(path('server.key'), 'utf8').replaceAll('\n', ''),
    'ssl.keystore.certificate.chain': readFileSync(path('server.pem'), 'utf8').replaceAll(
      '\n',
      ' ',
    ),
    'ssl.truststore.location': path('client.pem'),
    'ssl.client.auth': 'required',
  });
  await using server = await RestServer.open(rest.listeners, { tls: rest.tls?.options });
  const port = server.listeners[0]?.port ?? 0;
  const [cert, key] = [readFileSync(path('client.pem')), readFileSync(path('client.key'))];
  expect(await askByTls(port, { cert, key })).toBe(503);
  expect(await askByTls(port, {})).toMatch(/ERR_SSL|ECONNRESET|CERTIFICATE/);
});

test('what is wrong with a certificate is said at the start', () => {
  const https = { listeners: 'https://127.0.0.1:8083' };
  expect(problemsOf(https)[0]).toContain('ssl.keystore.location');
  expect(problemsOf({ ...https, 'ssl.keystore.location': path('none') })[0]).toContain('ENOENT');
  expect(problemsOf({ ...https, 'ssl.keystore.location': path('server.pem') })[0]).toContain(
    'no private key',
  );
  expect(
    problemsOf({
      ...https,
      'ssl.keystore.location': path('server.all.pem'),
      'ssl.client.auth': 'required',
    })[0],
  ).toContain('ssl.truststore');
});

test('what other machines can reach must ask who they are, or somebody must decide otherwise', () => {
  const open = { listeners: 'http://0.0.0.0:8083' };
  expect(problemsOf(open)).toEqual([expect.stringContaining('allow.unauthenticated.access=true')]);
  expect(problemsOf({ listeners: 'http://:8083' })).toHaveLength(1);
  expect(problemsOf({ 'admin.listeners': 'http://10.0.0.1:8084' })).toHaveLength(1);
  expect(problemsOf({ 'schema.registry.listeners': 'http://:8081' })).toHaveLength(1);
  expect(problemsOf({ ...open, 'allow.unauthenticated.access': 'true' })).toEqual([]);
  writeFileSync(path('users.properties'), 'ada=secret\n');
  expect(problemsOf({ ...open, 'rest.auth.basic.file': path('users.properties') })).toEqual([]);
});

test('Kafka Connect’s class for passwords needs a file of users, and no other class is known', () => {
  const extension =
    'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension';
  expect(problemsOf({ 'rest.extension.classes': extension })[0]).toContain('rest.auth.basic.file');
  expect(problemsOf({ 'rest.extension.classes': 'com.example.Other' })).toHaveLength(1);
  writeFileSync(path('users.properties'), 'ada=secret\n');
  const settings = settingsOf({
    'rest.extension.classes': extension,
    'rest.auth.basic.file': path('users.properties'),
  });
  expect(settings.rest.authenticator).toBeDefined();
});

test('admin.listeners: apart, or nowhere', () => {
  expect(settingsOf({}).rest.admin).toBeUndefined();
  expect(settingsOf({ 'admin.listeners': '' }).rest.admin?.listeners).toEqual([]);
  expect(settingsOf({ 'admin.listeners': 'http://127.0.0.1:8084' }).rest.admin?.listeners).toEqual([
    { host: '127.0.0.1', port: 8084 },
  ]);
});

test('admin paths are served by their own listener alone', async () => {
  const anywhere = [{ host: '127.0.0.1', port: 0 }];
  await using main = await RestServer.open(anywhere);
  await using admin = await RestServer.open(anywhere);
  main.serve(withoutAdmin((_request, response) => response.end('main')));
  admin.serve(onlyAdmin((_request, response) => response.end('admin')));
  const statusOf = async (server: RestServer, where: string): Promise<number> =>
    (await ask(server.listeners[0]?.port ?? 0, 'GET', where, {})).status;
  expect(await statusOf(main, '/connectors')).toBe(200);
  expect(await statusOf(main, '/admin/loggers')).toBe(404);
  expect(await statusOf(admin, '/admin/loggers?x=1')).toBe(200);
  expect(await statusOf(admin, '/connectors')).toBe(404);
});

test('a client that does not come to the end of its request is cut off', async () => {
  const limits = {
    connectionsMax: 10,
    requestsMax: 10,
    headersTimeoutMs: 200,
    requestTimeoutMs: 400,
  };
  await using server = await RestServer.open([{ host: '127.0.0.1', port: 0 }], { limits });
  server.serve((incoming, response) => {
    incoming.on('end', () => response.end());
    incoming.resume();
  });
  const port = server.listeners[0]?.port ?? 0;
  const cutOff = (text: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let answer = '';
      socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
      socket.on('error', () => undefined); // a reset is an end too
      socket.on('close', () => {
        resolve(answer);
      });
    });
  expect(await cutOff('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ')).toContain('408');
  expect(await cutOff('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc')).toContain(
    '408',
  );
});

test('more requests than the limit are answered with 503, and the others end well', async () => {
  const limits = {
    connectionsMax: 100,
    requestsMax: 2,
    headersTimeoutMs: 5000,
    requestTimeoutMs: 5000,
  };
  await using server = await RestServer.open([{ host: '127.0.0.1', port: 0 }], { limits });
  const gate = deferred();
  server.serve((_incoming, response) => void gate.promise.then(() => response.end('done')));
  const port = server.listeners[0]?.port ?? 0;
  const waiting = [ask(port, 'GET', '/', {}), ask(port, 'GET', '/', {})];
  let refused = await ask(port, 'GET', '/', {}).then(({ status }) => status);
  gate.resolve();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200]);
  expect(refused).toBe(503);
  refused = (await ask(port, 'GET', '/', {})).status;
  expect(refused).toBe(200);
});

test('a server that closes lets requests in progress end', async () => {
  const server = await RestServer.open([{ host: '127.0.0.1', port: 0 }]);
  const [begun, gate] = [deferred(), deferred()];
  server.serve((_incoming, response) => {
    begun.resolve();
    void gate.promise.then(() => response.end('done'));
  });
  const answer = ask(server.listeners[0]?.port ?? 0, 'GET', '/', {});
  await begun.promise;
  const closed = server[Symbol.asyncDispose]();
  gate.resolve();
  expect((await answer).text).toBe('done');
  await closed;
});
