import { execFileSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { postgresSource } from '../src/connector.ts';
import { Runner, TestDatabase } from './harness.ts';

test('snapshot and stream run over TLS, and the server is verified when asked for', async () => {
  await using database = await TestDatabase.start();
  const { folder } = database.server;
  const certificate = join(folder, 'server.crt');
  const key = join(folder, 'server.key');
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      certificate,
    ],
    { stdio: 'ignore' },
  );
  const owner = statSync(join(folder, 'data'));
  for (const file of [certificate, key]) chownSync(file, owner.uid, owner.gid);
  await database.server.restart('orderly', {
    ssl: 'on',
    ssl_cert_file: certificate,
    ssl_key_file: key,
  });
  await database.reconnect();
  await database.sql('CREATE TABLE secured (id int PRIMARY KEY); INSERT INTO secured VALUES (1)');
  const config = database.config({
    'database.sslmode': 'verify-full',
    'database.sslrootcert': certificate,
  });
  await using runner = await new Runner(config).start();
  await runner.untilCount(1);
  await database.sql('INSERT INTO secured SELECT generate_series(2, 5000)');
  await runner.untilCount(5000);
  const plain = await database.sql(
    "SELECT count(*)::int AS n FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name LIKE 'millrace%' AND NOT s.ssl",
  );
  expect(plain).toEqual([{ n: 0 }]);
  const problems = await postgresSource.validate?.(
    database.config({ 'database.sslmode': 'verify-full' }),
    new AbortController().signal,
  );
  expect(problems?.map((problem) => problem.key)).toEqual(['database.sslmode']);
});
