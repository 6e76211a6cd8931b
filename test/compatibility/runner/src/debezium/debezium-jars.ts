import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';

const POM = join(import.meta.dirname, '../../../java/debezium/pom.xml');

export type DebeziumConnector = 'postgres' | 'mysql' | 'mariadb';

export const DEBEZIUM_VERSION =
  /<debezium.version>(.*)</.exec(readFileSync(POM, 'utf8'))?.[1] ?? '';

/** The newest one of MariaDB that could be had. */
const MARIADB_VERSION = '3.5.0.Final';

export function debeziumVersion(connector: DebeziumConnector): string {
  return connector === 'mariadb' ? MARIADB_VERSION : DEBEZIUM_VERSION;
}

/**
 * Fetches one of Debezium's connectors with all it needs beside Kafka Connect; answers the folder for `plugin.path`.
 * @throws Unavailable when its registry can't be reached
 */
export async function fetchDebezium(lab: Lab, connector: DebeziumConnector): Promise<string> {
  const id = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  const folder = lab.cacheFolder(`debezium-${debeziumVersion(connector)}-${id}`);
  const plugin = join(folder, connector);
  if (existsSync(`${plugin}.complete`)) return folder;
  await lab.prepare('Debezium of Maven Central', 'mvn', [
    ...['-q', '-B', '-f', POM, 'dependency:copy-dependencies', '-DincludeScope=runtime'],
    `-Ddebezium.connector=debezium-connector-${connector}`,
    `-Ddebezium.version=${debeziumVersion(connector)}`,
    `-DoutputDirectory=${plugin}`,
  ]);
  await lab.prepare('jars', 'touch', [`${plugin}.complete`]);
  return folder;
}
