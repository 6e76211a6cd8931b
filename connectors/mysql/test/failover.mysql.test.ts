import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SourceRecord } from '@millrace/record';
import { TcpProxy } from '@millrace/test-servers';
import { after, FLAVOURS, Runner, source, Store, TestDatabase } from './harness.ts';

/** A primary and a replica of it: what happens when the replica takes over. */
describe.each(FLAVOURS)('%s', (flavour) => {
  let primary: TestDatabase;
  let replica: TestDatabase;
  beforeAll(async () => {
    [primary, replica] = await Promise.all([
      TestDatabase.start(flavour),
      TestDatabase.start(flavour, { server_id: '2', log_slave_updates: 'ON' }),
    ]);
    await primary.sql('CREATE TABLE moved (id int PRIMARY KEY)');
    await primary.sql('CREATE TABLE filtered (id int PRIMARY KEY)');
  });
  afterAll(async () => {
    await Promise.all([primary.server.stop(), replica.server.stop()]);
  });

  const ids = (records: readonly SourceRecord[]): unknown[] =>
    records.map((record) => after(record)['id']);
  const at = ({ host, port }: { host: string; port: number }): Record<string, string> => ({
    'database.hostname': host,
    'database.port': String(port),
  });
  const config = (table: string, more: Record<string, string> = {}): Record<string, string> =>
    replica.config({
      'table.include.list': `test\\.${table}`,
      'database.server.id': '77',
      'snapshot.mode': 'no_data',
      ...more,
    });
  /** The replica has all that the primary has, and its table as many rows. */
  const caughtUp = async (table: string, rows: number): Promise<void> => {
    for (let attempt = 0; attempt < 1200; attempt++) {
      const found = await replica.sql(`SELECT id FROM test.${table}`).catch(() => []);
      if (found.length === rows) return;
      await replica.sql('DO SLEEP(0.05)');
    }
    throw new Error(`the replica does not follow`);
  };
  const replicate = async (): Promise<void> => {
    const { host, password, port, user } = primary.server;
    await replica.sql('DROP DATABASE test');
    if (flavour === 'mysql') {
      await replica.sql('RESET BINARY LOGS AND GTIDS');
      await replica.sql(
        `CHANGE REPLICATION SOURCE TO SOURCE_HOST='${host}', SOURCE_PORT=${String(port)}, SOURCE_USER='${user}', SOURCE_PASSWORD='${password}', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1`,
      );
    } else {
      await replica.sql('RESET MASTER');
      await replica.sql(
        `CHANGE MASTER TO MASTER_HOST='${host}', MASTER_PORT=${String(port)}, MASTER_USER='${user}', MASTER_PASSWORD='${password}', MASTER_USE_GTID=slave_pos`,
      );
    }
    await replica.sql('START REPLICA');
  };

  test('a replica that is behind is refused; once it has caught up it is gone on with', async () => {
    const store = new Store();
    {
      const settings = config('moved', at(primary.server));
      await using runner = await new Runner(flavour, settings, { store }).start();
      await primary.sql('INSERT INTO moved VALUES (1), (2), (3)');
      await runner.untilCount(3);
    }
    // In the middle of the transaction.
    store.offset = JSON.parse(JSON.stringify(store.records[1]?.sourceOffset)) as Store['offset'];
    const early = await new Runner(flavour, config('moved'), { store }).start();
    await expect(early.untilCount(4)).rejects.toMatchObject({
      code: 'mysql.gtids_unknown',
      retry: 'fatal',
    });
    await early.stop();
    await replicate();
    await primary.sql('INSERT INTO moved VALUES (4)');
    await caughtUp('moved', 4);
    await using runner = await new Runner(flavour, config('moved'), { store }).start();
    // Delivered in part on the other server, so it comes as a whole here.
    await runner.until((records) => after(records.at(-1))['id'] === 4);
    expect(ids(store.records)).toEqual([1, 2, 3, 1, 2, 3, 4]);
    await replica.sql('STOP REPLICA');
  }, 120_000);

  test('rows of servers that do not count are left out, and their positions are not asked for', async () => {
    // MariaDB numbers transactions by domain: each server has its own here, as with several primaries.
    if (flavour === 'mariadb') await replica.sql('SET SESSION gtid_domain_id = 1');
    const [row] = await primary.sql(
      flavour === 'mysql' ? 'SELECT @@server_uuid AS name' : "SELECT '0-1' AS name",
    );
    const name = String(row?.['name']);
    let last = 0;
    /** One row by the primary, then one by the replica itself, which is read. */
    const write = async (): Promise<void> => {
      last += 2;
      await primary.sql('INSERT INTO filtered VALUES (?)', [last - 1]);
      await replica.sql('START REPLICA');
      await caughtUp('filtered', last - 1);
      await replica.sql('STOP REPLICA');
      await replica.sql('INSERT INTO test.filtered VALUES (?)', [last]);
    };
    const store = new Store();
    const runs = async (
      more: Record<string, string>,
      expected: readonly number[],
    ): Promise<void> => {
      const before = store.records.length;
      await using runner = await new Runner(flavour, config('filtered', more), { store }).start();
      await runner.deliver(await runner.poll());
      await write();
      await write();
      await runner.until((records) => ids(records).at(-1) === expected.at(-1));
      expect(ids(store.records.slice(before))).toEqual(expected);
    };
    await runs({ 'gtid.source.excludes': name }, [2, 4]);
    await runs({ 'gtid.source.includes': name.replaceAll(/[a-f]/g, '.') }, [5, 7]);
    const onlyPositions = {
      'gtid.source.excludes': name,
      'gtid.source.filter.dml.events': 'false',
    };
    // The last row of before was not delivered then.
    await runs(onlyPositions, [8, 9, 10, 11, 12]);
    // What was delivered of servers that do not count does not come again.
    await runs(onlyPositions, [13, 14, 15, 16]);
    if (flavour === 'mariadb') return;
    // A server that lacks what others wrote is as good as any.
    store.offset = {
      ...store.offset,
      gtids: `${String(store.offset?.['gtids'])},${name}:9000-9999`,
    };
    await runs(onlyPositions, [17, 18, 19, 20]);
    store.offset = { ...store.offset, gtids: `${String(store.offset['gtids'])},${name}:9000-9999` };
    const refused = await new Runner(flavour, config('filtered'), { store }).start();
    await expect(refused.until(() => false)).rejects.toMatchObject({ code: 'mysql.gtids_unknown' });
    await refused.stop();
  }, 120_000);

  test('a running task goes on at the replica that takes over', async () => {
    if (flavour === 'mariadb') await replica.sql('SET SESSION gtid_domain_id = 0');
    await replica.sql('START REPLICA');
    await using proxy = await TcpProxy.start(primary.server);
    await using runner = await new Runner(flavour, config('moved', at(proxy))).start();
    await runner.poll();
    await primary.sql('INSERT INTO moved VALUES (5)');
    await runner.untilCount(1);
    await primary.sql('INSERT INTO moved VALUES (6)');
    await caughtUp('moved', 6);
    await primary.server.halt('crash');
    await replica.sql('STOP REPLICA');
    await replica.sql('INSERT INTO test.moved VALUES (7)');
    proxy.pointAt(replica.server);
    await runner.untilCount(3);
    expect(ids(runner.store.records)).toEqual([5, 6, 7]);
    expect(source(runner.store.records.at(-1))['server_id']).toBe(2);
  }, 120_000);
});
