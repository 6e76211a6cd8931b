import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CleanupStack, isAborted, systemClock } from '@millrace/foundation';
import {
  startMillrace,
  startPostgres,
  type MillraceServer,
  type PostgresServer,
} from '@millrace/test-servers';
import type { Client } from 'pg';
import type { QuickstartArguments } from './arguments.ts';
import { compareShop, type TableComparison } from './compare.ts';
import { shopConnectors } from './connectors.ts';
import { runLoad } from './load.ts';
import { readProgress } from './progress.ts';
import { Screen } from './screen.ts';
import { createShop, SHOP_SIZE } from './shop.ts';
import { usualPort } from './usual-port.ts';

const REDRAW_MS = 500;
const AGREE_TIMEOUT_MS = 60_000;

/** The main job on real input, from an empty folder to a clean end. Returns the exit code. */
export async function runQuickstart(
  options: QuickstartArguments,
  signal: AbortSignal,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-quickstart-'));
  await using cleanUp = new CleanupStack();
  cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));

  say('starting PostgreSQL …');
  const server = cleanUp.use(await startPostgres());
  const source = await openDatabase(server, 'shop', cleanUp);
  const target = await openDatabase(server, 'shop_copy', cleanUp);
  await createShop(source);

  say('starting Millrace …');
  const file = join(folder, 'shop.jsonl');
  const worker = cleanUp.use(
    await startMillrace({
      folder,
      restPort: await usualPort(8083),
      logPort: await usualPort(9092),
      settings: { 'offset.flush.interval.ms': '1000' },
      connectors: shopConnectors(server, file),
    }),
  );
  const screen = new Screen(
    {
      rest: worker.rest,
      log: worker.log,
      source: `postgresql://127.0.0.1:${server.port}/shop`,
      target: `postgresql://127.0.0.1:${server.port}/shop_copy`,
      file,
    },
    process.stdout,
  );

  const load = await openDatabase(server, 'shop', cleanUp);
  const stopLoad = options.check ? stopAfter(options.seconds, signal) : signal;
  const loading = runLoad(load, SHOP_SIZE, systemClock, stopLoad);
  loading.catch(() => undefined); // reported where it is awaited
  await watch(worker, screen, stopLoad);
  const transactions = await loading;
  if (!options.check || isAborted(signal)) return 0;
  say(
    `${transactions.toLocaleString('en-US')} transactions were made; waiting until source and target agree …`,
  );
  return report(await untilAgreed(() => compareShop(source, target, file), signal));
}

/** Aborted after some seconds, or with `signal`. A timer of its own: `AbortSignal.any` may lose a time-out to the garbage collector. */
function stopAfter(seconds: number, signal: AbortSignal): AbortSignal {
  const stop = new AbortController();
  void systemClock
    .sleep(seconds * 1_000, signal)
    .catch(() => undefined) // stopped earlier
    .then(() => stop.abort());
  return stop.signal;
}

async function openDatabase(
  server: PostgresServer,
  name: string,
  cleanUp: CleanupStack,
): Promise<Client> {
  const client = await server.connect(name);
  cleanUp.defer(() => client.end());
  return client;
}

async function watch(worker: MillraceServer, screen: Screen, signal: AbortSignal): Promise<void> {
  while (!isAborted(signal)) {
    screen.update(await readProgress(worker));
    await systemClock
      .sleep(process.stdout.isTTY ? REDRAW_MS : 4 * REDRAW_MS, signal)
      .catch(() => undefined); // the end
  }
  screen.update(await readProgress(worker));
}

async function untilAgreed(
  compare: () => Promise<readonly TableComparison[]>,
  signal: AbortSignal,
): Promise<readonly TableComparison[]> {
  const deadlineMs = systemClock.monotonicMs() + AGREE_TIMEOUT_MS;
  for (;;) {
    const tables = await compare();
    if (
      tables.every((table) => table.agrees) ||
      systemClock.monotonicMs() > deadlineMs ||
      isAborted(signal)
    )
      return tables;
    await systemClock.sleep(REDRAW_MS, signal).catch(() => undefined); // an abort is seen above
  }
}

function report(tables: readonly TableComparison[]): number {
  for (const table of tables) {
    say(
      `${table.agrees ? 'agrees ' : 'DIFFERS'}  ${table.table.padEnd(12)} source ${table.sourceRows} rows ${table.sourceDigest}  target ${table.targetRows} rows ${table.targetDigest}  file ${table.fileRows} rows`,
    );
  }
  const agrees = tables.every((table) => table.agrees);
  say(agrees ? 'source, target and file agree' : 'source, target and file do NOT agree');
  return agrees ? 0 : 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
