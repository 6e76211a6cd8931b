import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { systemClock, systemRandom } from '@millrace/foundation';
import { findFreePort, startMillrace, type MillraceServer } from '@millrace/test-servers';
import { randomOf, within } from './steps.ts';

const KILLS = Number(process.env['CHAOS_KILLS'] ?? 3);
const SEED = Number(process.env['CHAOS_SEED'] ?? systemRandom.nextInt(2 ** 31));
/** So many register at once. */
const CLIENTS = 4;
const REQUEST_TIMEOUT_MS = 60_000;
jest.setTimeout(120_000 + KILLS * 40_000);

interface Registered {
  readonly subject: string;
  readonly schema: string;
  readonly id: number;
  readonly version: number;
}

test('killed while it registers, the registry keeps every id that it gave, and gives none of them to another schema', async () => {
  const random = randomOf(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kill-registry-'));
  const [restPort, logPort, port] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  const url = `http://127.0.0.1:${port}`;
  const launch = (): Promise<MillraceServer> =>
    startMillrace({
      folder,
      restPort,
      logPort,
      settings: { 'schema.registry.listeners': url },
      readyTimeoutMs: 60_000,
    });
  let server = await launch();
  const acknowledged: Registered[] = [];
  const stop = new AbortController();
  let count = 0;
  const register = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const number = count++;
      // Every third schema has another subject's too.
      const subject = `subject-${number % 3 === 2 ? number - 1 : number}`;
      const name = `R${number - (number % 2)}`;
      const schema = `{"type":"record","name":"${name}","fields":[]}`;
      const answer = await post(url, subject, schema);
      if (answer === undefined) await systemClock.sleep(50);
      else acknowledged.push({ subject, schema, ...answer });
    }
  };
  const clients = Array.from({ length: CLIENTS }, register);
  try {
    for (let kill = 0; kill < KILLS; kill++) {
      const before = acknowledged.length;
      await within('clients register', untilMore(acknowledged, before + 5), 60_000);
      await systemClock.sleep(random() * 300);
      await server.kill();
      server = await launch();
    }
    await within('clients register', untilMore(acknowledged, acknowledged.length + 5), 60_000);
    stop.abort();
    await Promise.all(clients);
    await expectKept(url, acknowledged);
    const ids = new Map(acknowledged.map(({ id, schema }) => [id, schema]));
    expect(new Set(ids.values()).size).toBe(ids.size);
    // A kill may cost the ids that were being given.
    expect(Math.max(...ids.keys())).toBeLessThanOrEqual(count);
  } catch (error) {
    throw new Error(`CHAOS_SEED=${SEED}: ${String(error)}\n${server.output.slice(-2000)}`, {
      cause: error,
    });
  } finally {
    stop.abort();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** @returns undefined when there was no answer */
async function post(
  url: string,
  subject: string,
  schema: string,
): Promise<Pick<Registered, 'id' | 'version'> | undefined> {
  try {
    const response = await fetch(`${url}/subjects/${subject}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (!response.ok) return undefined;
    const answer = (await response.json()) as Pick<Registered, 'id' | 'version'>;
    return { id: answer.id, version: answer.version };
  } catch {
    return undefined; // killed meanwhile
  }
}

async function untilMore(list: readonly unknown[], length: number): Promise<void> {
  while (list.length < length) await systemClock.sleep(20);
}

async function expectKept(url: string, registered: readonly Registered[]): Promise<void> {
  for (const { id, schema, subject, version } of registered) {
    const byId = await (await fetch(`${url}/schemas/ids/${id}`)).json();
    expect(byId).toMatchObject({ schema });
    const byVersion = await (await fetch(`${url}/subjects/${subject}/versions/${version}`)).json();
    expect(byVersion).toMatchObject({ id, schema });
  }
}
