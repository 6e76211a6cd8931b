import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from '../lab.ts';

const POM = join(import.meta.dirname, '../../../java/debezium/pom.xml');

export const DEBEZIUM_VERSION =
  /<debezium.version>(.*)</.exec(readFileSync(POM, 'utf8'))?.[1] ?? '';

/**
 * Fetches one of Debezium's connectors with all it needs beside Kafka Connect; answers the folder for `plugin.path`.
 * @throws Unavailable when its registry can't be reached
 */
export async function fetchDebezium(
  lab: Lab,
  connector: 'postgres' | 'mysql' | 'mariadb',
): Promise<string> {
  const id = createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12);
  const folder = lab.cacheFolder(`debezium-${DEBEZIUM_VERSION}-${id}`);
  const plugin = join(folder, connector);
  if (existsSync(`${plugin}.complete`)) return folder;
  await lab.prepare('Debezium of Maven Central', 'mvn', [
    ...['-q', '-B', '-f', POM, 'dependency:copy-dependencies', '-DincludeScope=runtime'],
    `-Ddebezium.connector=debezium-connector-${connector}`,
    `-DoutputDirectory=${plugin}`,
  ]);
  await lab.prepare('jars', 'touch', [`${plugin}.complete`]);
  return folder;
}
