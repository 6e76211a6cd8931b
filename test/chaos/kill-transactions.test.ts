import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { systemClock, systemRandom } from '@millrace/foundation';
import { findFreePort, startMillrace, type MillraceServer } from '@millrace/test-servers';
import { clientOf, kafkaJsOf, kcatLines } from './chaos-clients.ts';
import { randomOf, within } from './steps.ts';
import {
  kafkaJsTransactions,
  ownTransactions,
  PARTITIONS,
  RECORDS,
  type TransactionLoad,
} from './transaction-load.ts';

/** How often the broker is killed. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 8);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
const TOPIC = 'transfers';
/** Only a bound: a step that hangs says so itself. */
jest.setTimeout(240_000 + KILLS * 10_000);

test('killed at random instants of transactions of real clients, the broker shows each transaction as a whole or not at all, and what it said of it stands', async () => {
  const random = randomOf(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-transactions-'));
  const ports = { restPort: await findFreePort(), logPort: await findFreePort() };
  const launch = (): Promise<MillraceServer> => startMillrace({ folder, ...ports });
  let broker = await launch();
  const client = clientOf(broker.log);
  const loads: TransactionLoad[] = [];
  try {
    await client.admin.createTopics([{ name: TOPIC, partitions: PARTITIONS }]);
    loads.push(await ownTransactions(client, TOPIC));
    loads.push(await kafkaJsTransactions(kafkaJsOf(broker.log), TOPIC));
    for (let kill = 0; kill < KILLS; kill++) {
      if (kill % 2 === 0) await within('all loads go on', progressOf(loads), 60_000);
      await systemClock.sleep(random() * 300);
      await within('the broker is killed', broker.kill());
      broker = await launch();
    }
    for (const load of loads) await within(`${load.name} ends`, load.stop(), 60_000);
    const seen = await within('the topic is read', seenOf(broker.log), 60_000);
    for (const { name, told } of loads) {
      expect(told.committed.size).toBeGreaterThan(KILLS);
      expect({ name, halves: halvesIn(seen) }).toEqual({ name, halves: [] });
      const lost = [...told.committed].filter((id) => !seen.has(id));
      const undead = [...told.aborted].filter((id) => seen.has(id));
      expect({ name, lost, undead }).toEqual({ name, lost: [], undead: [] });
    }
    await within('our client closes', client.close());
    await broker.stop();
  } catch (error) {
    const diagnosis = await broker.diagnose();
    throw new Error(`seed ${SEED}, data in ${folder}\n${diagnosis}`, { cause: error });
  } finally {
    await Promise.allSettled(loads.map((load) => within('a load ends', load.stop())));
    await within('our client closes', client.close()).catch(() => undefined);
    await broker.kill();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function progressOf(loads: readonly TransactionLoad[]): Promise<void> {
  const before = loads.map(({ committedCount }) => committedCount);
  while (loads.some((load, index) => load.committedCount <= (before[index] ?? 0)))
    await systemClock.sleep(20);
}

/** How often each record of each transaction is seen by `read_committed`. */
async function seenOf(bootstrap: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const seen = new Map<string, string[]>();
  for (let partition = 0; partition < PARTITIONS; partition++)
    for (const line of await kcatLines(bootstrap, TOPIC, partition, [
      'isolation.level=read_committed',
    ])) {
      const value = line.split(' ')[1] ?? '';
      const id = value.split(':')[0] ?? '';
      seen.set(id, [...(seen.get(id) ?? []), value]);
    }
  return seen;
}

/** Transactions of which not each record is there exactly once. */
function halvesIn(seen: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...seen]
    .filter(([, values]) => values.length !== RECORDS || new Set(values).size !== RECORDS)
    .map(([id, values]) => `${id}: ${values.join(' ')}`);
}
