import { startMariadb, startMysql, type MysqlFlavour } from '@millrace/test-servers';
import { BinlogWorld } from '../debezium/binlog/binlog-world.ts';
import { worldsOf } from '../debezium/binlog/worlds.ts';
import { debeziumVersion } from '../debezium/debezium-jars.ts';
import { Peers } from '../debezium/peers.ts';
import { WorldRun } from '../debezium/world-run.ts';
import type { Lab } from '../lab.ts';
import type { Outcome, Suite } from '../suite.ts';

const SERVER_IDS_PER_WORLD = 100;

/** Debezium and Millrace capture one server with the same configurations; their topics are compared event by event. */
export const debeziumMysql = suiteOf('mysql', 'MySQL');
export const debeziumMariadb = suiteOf('mariadb', 'MariaDB');

function suiteOf(flavour: MysqlFlavour, name: string): Suite {
  return {
    name: `debezium-${flavour}`,
    about: `Debezium ${debeziumVersion(flavour)} for ${name} and ours beside it on one server: every event of the topics compared`,
    tier: 'ci',
    run: (lab) => compare(lab, flavour),
  };
}

async function compare(lab: Lab, flavour: MysqlFlavour): Promise<readonly Outcome[]> {
  await using peers = await Peers.start(lab, flavour);
  const start = flavour === 'mysql' ? startMysql : startMariadb;
  await using server = await start({ settings: { max_connections: '500', ...QUERIES[flavour] } });
  const runs: WorldRun[] = [];
  for (const [index, world] of worldsOf(flavour).entries()) {
    const firstServerId = 1000 + index * SERVER_IDS_PER_WORLD;
    const database = await BinlogWorld.open({ world, server, peers, firstServerId });
    runs.push(await WorldRun.prepare(world, database, peers));
  }
  await Promise.all(runs.map((run) => run.start()));
  await Promise.all(runs.map((run) => run.work()));
  return (await Promise.all(runs.map((run) => run.outcomes()))).flat();
}

/** So that rows tell the statement that wrote them. */
const QUERIES: Readonly<Record<MysqlFlavour, Readonly<Record<string, string>>>> = {
  mysql: { binlog_rows_query_log_events: 'ON' },
  mariadb: { binlog_annotate_row_events: 'ON' },
};
