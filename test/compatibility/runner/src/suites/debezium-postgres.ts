import { startPostgres } from '@millrace/test-servers';
import { DEBEZIUM_VERSION } from '../debezium/debezium-jars.ts';
import { Peers } from '../debezium/peers.ts';
import { DDL_WORLD, SHAPES_WORLD } from '../debezium/postgres/shapes.ts';
import { SIGNALS_WORLDS } from '../debezium/postgres/signals.ts';
import { TYPES_WORLD } from '../debezium/postgres/types.ts';
import { PostgresWorld } from '../debezium/postgres/postgres-world.ts';
import { WorldRun } from '../debezium/world-run.ts';
import type { Suite } from '../suite.ts';

const WORLDS = [TYPES_WORLD, SHAPES_WORLD, DDL_WORLD, ...SIGNALS_WORLDS];

/** Each of all connectors has a slot and some connections. */
const SETTINGS = { max_wal_senders: '120', max_replication_slots: '120', max_connections: '600' };

/** Debezium and Millrace capture one database with the same configurations; their topics are compared event by event. */
export const debeziumPostgres: Suite = {
  name: 'debezium-postgres',
  about: `Debezium ${DEBEZIUM_VERSION} for PostgreSQL and ours beside it on one server: every event of the topics compared`,
  tier: 'ci',
  async run(lab) {
    await using peers = await Peers.start(lab, 'postgres');
    await using server = await startPostgres({ settings: SETTINGS });
    const runs: WorldRun[] = [];
    for (const world of WORLDS)
      runs.push(await WorldRun.prepare(world, await PostgresWorld.open(world, server), peers));
    await Promise.all(runs.map((run) => run.start()));
    await Promise.all(runs.map((run) => run.work()));
    return (await Promise.all(runs.map((run) => run.outcomes()))).flat();
  },
};
