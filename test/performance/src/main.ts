import { describeError } from '@millrace/foundation';
import { consoleReport, type Bench } from './bench.ts';
import { brokerBench } from './broker.ts';
import { cdcMysql } from './cdc-mysql.ts';
import { cdcPostgres } from './cdc-postgres.ts';
import { changeLatency } from './change-latency.ts';
import { client } from './client.ts';
import { compaction } from './compaction.ts';
import { connect } from './connect.ts';
import { debezium } from './debezium.ts';
import { debeziumMysql } from './debezium-mysql.ts';
import { fetchBench } from './fetch.ts';
import { fileSource } from './file-source.ts';
import { idleConnectors } from './idle-connectors.ts';
import { kafkaBench } from './kafka.ts';
import { memory } from './memory.ts';
import { partitions } from './partitions.ts';
import { produce } from './produce.ts';
import { runtime } from './runtime.ts';
import { sinkMysql } from './sink-mysql.ts';
import { sinkPostgres } from './sink-postgres.ts';
import { snapshotMysql } from './snapshot-mysql.ts';
import { snapshotPostgres } from './snapshot-postgres.ts';
import { start } from './start.ts';

const benches: readonly Bench[] = [
  produce,
  fetchBench,
  client,
  brokerBench,
  kafkaBench,
  connect,
  compaction,
  partitions,
  cdcPostgres,
  debezium,
  debeziumMysql,
  changeLatency,
  cdcMysql,
  snapshotPostgres,
  snapshotMysql,
  sinkPostgres,
  sinkMysql,
  fileSource,
  runtime,
  start,
  memory,
  idleConnectors,
];
const names = process.argv.slice(2);
const unknown = names.filter((name) => !benches.some((bench) => bench.name === name));

if (names.length === 0 || unknown.length > 0) {
  const write = (line: string): boolean => process.stderr.write(`${line}\n`);
  if (unknown.length > 0) write(`there is no bench "${unknown.join('", "')}"`);
  write('npm run bench -- NAME …');
  for (const bench of benches) write(`  ${bench.name.padEnd(18)} ${bench.about}`);
  process.exit(2);
}

const write = (line: string): boolean => process.stdout.write(`${line}\n`);
try {
  for (const bench of benches.filter(({ name }) => names.includes(name))) {
    write(`${bench.name}: ${bench.about}`);
    await bench.run(consoleReport(write));
  }
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}
process.exit();
