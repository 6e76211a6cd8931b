import { createServer, connect, type Server, type Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { Runner, TestDatabase } from './harness.ts';

/** A network between connector and server that can be cut, with a reset or without a word. */
class Network implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  isOpen = true;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Network> {
    const server = createServer();
    const network = new Network(server);
    server.on('connection', (near) => network.#join(near, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return network;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Bytes go nowhere from now on; both ends still think they are connected. */
  silence(): void {
    for (const [near, far] of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
    }
  }

  reset(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
    this.#pairs.clear();
  }

  #join(near: Socket, port: number): void {
    near.on('error', () => undefined);
    if (!this.isOpen) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    far.on('error', () => undefined);
    near.pipe(far);
    far.pipe(near);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

test('a network that is cut, by a reset or in silence, is noticed, and the stream goes on where it was', async () => {
  await using database = await TestDatabase.start({ wal_sender_timeout: '1s' });
  await using network = await Network.to(database.server.port);
  await database.sql('CREATE TABLE cut (id int PRIMARY KEY)');
  await using runner = await new Runner(
    database.config({
      'database.port': String(network.port),
      'snapshot.mode': 'no_data',
      'slot.max.retries': '1000',
    }),
  ).start();
  await runner.poll();
  await database.sql('INSERT INTO cut VALUES (1)');
  await runner.untilCount(1);
  network.reset();
  await database.sql('INSERT INTO cut VALUES (2)');
  await runner.untilCount(2);
  network.silence();
  await database.sql('INSERT INTO cut VALUES (3)');
  await runner.untilCount(3);
  network.isOpen = false;
  network.reset();
  for (let turn = 0; turn < 5; turn++) expect(await runner.poll()).toEqual([]);
  network.isOpen = true;
  await runner.untilCount(3);
  await database.sql('INSERT INTO cut VALUES (4)');
  expect((await runner.untilCount(4)).map((record) => record.key)).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 3 },
    { id: 4 },
  ]);
});

test('an idle connection is not taken for a dead one', async () => {
  await using database = await TestDatabase.start({ wal_sender_timeout: '200ms' });
  await database.sql('CREATE TABLE idle (id int PRIMARY KEY)');
  await using runner = await new Runner(database.config({ 'snapshot.mode': 'no_data' })).start();
  for (let turn = 0; turn < 30; turn++) await runner.poll();
  await database.sql('INSERT INTO idle VALUES (1)');
  await runner.untilCount(1);
  expect(runner.log.join()).not.toContain('lost');
});

test('a task that waits for running transactions stops when told to', async () => {
  await using database = await TestDatabase.start();
  await database.sql('CREATE TABLE waiting (id int PRIMARY KEY)');
  const other = await database.client();
  await other.query('BEGIN; INSERT INTO waiting VALUES (1)');
  const runner = await new Runner(database.config()).start();
  const polling = runner.poll();
  await database.sql('SELECT pg_sleep(0.3)');
  const [row] = await database.sql('SELECT count(*)::int AS n FROM pg_replication_slots');
  expect(row?.['n']).toBe(1);
  await runner.stop();
  expect(await polling).toEqual([]);
  await other.query('COMMIT');
  await other.end();
});
