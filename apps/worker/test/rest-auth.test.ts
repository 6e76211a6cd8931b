import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Authenticator, type AuthSettings } from '../src/rest/auth/authenticator.ts';
import { BasicUsers, hashPassword, parsePasswords } from '../src/rest/auth/basic-users.ts';
import { SecretFile } from '../src/rest/auth/secret-file.ts';
import { RestHarness } from './rest-harness.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-auth-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const NO_JWT = { jwks: null, secret: null, issuer: null, audience: null };
const NOBODY: AuthSettings = { basicFile: null, bearerFile: null, jwt: NO_JWT };
const TOKEN = 'a-token-that-is-long-enough';
const SECRET = 'a secret of more than thirty-two bytes, as HS256 wants';

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

function open(settings: Partial<AuthSettings>): Promise<RestHarness> {
  return RestHarness.open({ authenticator: new Authenticator({ ...NOBODY, ...settings }) });
}

async function statusWith(rest: RestHarness, authorization: string | undefined): Promise<number> {
  const headers = authorization === undefined ? {} : { Authorization: authorization };
  return (await rest.ask('GET', '/connectors', { headers })).status;
}

test('with users, every path but health asks for a name and a password', async () => {
  const users = `ada=secret\nbob=${await hashPassword('pass:word ü')}\n`;
  await using rest = await open({ basicFile: file('users.properties', users) });
  const refused = await rest.ask('GET', '/connectors');
  expect([refused.status, refused.headers['www-authenticate']]).toEqual([
    401,
    'Basic realm="Millrace", charset="UTF-8"',
  ]);
  expect(refused.json).toMatchObject({
    error_code: 401,
    message: 'User cannot access the resource.',
  });
  for (const path of ['/', '/metrics', '/admin/loggers', '/nowhere', '/api/openapi.json'])
    expect((await rest.ask('GET', path)).status).toBe(401);
  expect((await rest.ask('POST', '/health')).status).toBe(401);
  expect((await rest.ask('GET', '/health')).status).toBe(200);
  expect(await statusWith(rest, basic('ada', 'secret'))).toBe(200);
  expect(await statusWith(rest, basic('bob', 'pass:word ü'))).toBe(200);
  expect(await statusWith(rest, basic('bob', 'pass:word ü'))).toBe(200); // remembered
  for (const wrong of [
    basic('ada', 'Secret'),
    basic('ada', ''),
    basic('bob', 'secret'),
    basic('eve', 'secret'),
    basic('', ''),
    'Basic',
    'Basic ',
    'Basic !!!',
    `Basic ${Buffer.from('ada').toString('base64')}`,
    'Bearer secret',
    `Basic ${'x'.repeat(10_000)}`,
  ])
    expect(await statusWith(rest, wrong)).toBe(401);
});

test('a dashboard that opens with hundreds of requests at once is let in with all of them', async () => {
  const users = `bob=${await hashPassword('right')}\n`;
  const known = new BasicUsers(new SecretFile(file('dashboard.properties', users), parsePasswords));
  const all = await Promise.all(Array.from({ length: 300 }, () => known.isRight('bob', 'right')));
  expect(all).toEqual(Array.from({ length: 300 }, () => true));
});

test('a file of users that changes is read again, and one that goes lets in whom it did', () => {
  let nowMs = 0;
  const path = file('changing.properties', 'ada=one\n');
  const users = new SecretFile(path, parsePasswords, () => nowMs);
  const names = (): readonly string[] => [...users.value.keys()];
  writeFileSync(path, 'ada=one\nbob=two\n');
  utimesSync(path, 1, 1);
  expect(names()).toEqual(['ada']);
  nowMs = 2000;
  expect(names()).toEqual(['ada', 'bob']);
  rmSync(path);
  nowMs = 4000;
  expect(names()).toEqual(['ada', 'bob']);
});

test('a file that is wrong is named without what it holds', () => {
  const path = file('wrong.properties', 'ada=scrypt:onlysalt\n');
  expect(() => new Authenticator({ ...NOBODY, basicFile: path })).toThrow(
    /"ada".*scrypt:SALT:HASH/,
  );
  const short = file('short.properties', 'ci=hush\n');
  expect(() => new Authenticator({ ...NOBODY, bearerFile: short })).toThrow(/^(?!.*hush)/);
  expect(() => new Authenticator({ ...NOBODY, jwt: { ...NO_JWT, secret: 'hush' } })).toThrow(
    /^(?!.*hush)/,
  );
});

test('listed tokens are known as they are or by their digest', async () => {
  const digest = 'f2ca1bb6c7e907d06dafe4687e579fce76b37e4e93b7605022da52e6ccc26fd2'; // of "test\n"
  await using rest = await open({
    bearerFile: file('tokens.properties', `ci=${TOKEN}\nother=sha256:${digest}\n`),
  });
  expect((await rest.ask('GET', '/')).headers['www-authenticate']).toMatch(/^Bearer /);
  expect(await statusWith(rest, `Bearer ${TOKEN}`)).toBe(200);
  expect(await statusWith(rest, `bearer ${TOKEN}`)).toBe(200);
  expect(await statusWith(rest, `Bearer ${TOKEN}x`)).toBe(401);
  expect(await statusWith(rest, `Bearer sha256:${digest}`)).toBe(401);
  expect(await statusWith(rest, basic('ci', TOKEN))).toBe(401);
});

test('JSON web tokens: signature, time, issuer and audience', async () => {
  const jwt = { ...NO_JWT, secret: SECRET, issuer: 'https://id.example', audience: 'millrace' };
  await using rest = await open({ jwt });
  const signed = (
    change: (token: SignJWT) => SignJWT = (token) => token,
    secret = SECRET,
  ): Promise<string> =>
    change(
      new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer('https://id.example')
        .setAudience('millrace')
        .setExpirationTime('5m'),
    ).sign(Buffer.from(secret));
  expect(await statusWith(rest, `Bearer ${await signed()}`)).toBe(200);
  for (const wrong of [
    await signed((token) => token.setIssuer('https://evil.example')),
    await signed((token) => token.setAudience('others')),
    await signed((token) => token.setExpirationTime('-5m')),
    await signed((token) => token.setNotBefore('10m')),
    await signed(undefined, SECRET.toUpperCase()),
    `${await signed()}x`,
    'a.b.c',
  ])
    expect(await statusWith(rest, `Bearer ${wrong}`)).toBe(401);
});

test('a key set: its keys count, a public key is no secret, and no algorithm is none', async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' };
  const jwks = file('jwks.json', JSON.stringify({ keys: [jwk] }));
  await using rest = await open({ jwt: { ...NO_JWT, jwks } });
  const claims = (): SignJWT => new SignJWT({ sub: 'ada' }).setExpirationTime('5m');
  const good = await claims().setProtectedHeader({ alg: 'ES256', kid: 'k' }).sign(privateKey);
  expect(await statusWith(rest, `Bearer ${good}`)).toBe(200);
  const forged = await claims()
    .setProtectedHeader({ alg: 'HS256', kid: 'k' })
    .sign(Buffer.from(JSON.stringify(jwk)));
  expect(await statusWith(rest, `Bearer ${forged}`)).toBe(401);
  const encode = (value: unknown): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${encode({ alg: 'none' })}.${encode({ exp: 9_999_999_999 })}.`;
  expect(await statusWith(rest, `Bearer ${unsigned}`)).toBe(401);
  const endless = await new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(privateKey);
  expect(await statusWith(rest, `Bearer ${endless}`)).toBe(401);
});

test('preflights of browsers need no password, what follows them does', async () => {
  const origin = 'https://ui.example';
  await using rest = await RestHarness.open({
    origins: { hosts: undefined, allowedOrigins: [origin] },
    authenticator: new Authenticator({ ...NOBODY, basicFile: file('cors.properties', 'a=b\n') }),
  });
  const headers = { Origin: origin, 'Access-Control-Request-Method': 'GET' };
  expect((await rest.ask('OPTIONS', '/connectors', { headers })).status).toBeLessThan(300);
  const got = await rest.ask('GET', '/connectors', { headers: { Origin: origin } });
  expect([got.status, got.headers['access-control-allow-origin']]).toEqual([401, origin]);
});
