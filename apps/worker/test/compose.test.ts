import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { deferred, silentLogger } from '@millrace/foundation';
import { compose, type OpenedHerder, type OpenedLog, type Parts } from '../src/compose.ts';
import { resolveWorkerConfig, type ServerSettings } from '../src/config.ts';
import { FakeHerder } from './fake-herder.ts';
import { ask } from './rest-harness.ts';

const FREE = { listeners: 'http://127.0.0.1:0' };
const settings = (raw: Record<string, string> = FREE): ServerSettings =>
  resolveWorkerConfig(raw, { broker: {}, runtime: {} });

/** Parts that note when they are opened and closed. */
class FakeParts implements Parts<OpenedLog> {
  readonly events: string[] = [];
  workerId = '';
  failHerder: Error | undefined;
  gate: Promise<void> = Promise.resolve();
  onCloseHerder: () => Promise<void> = () => Promise.resolve();

  openLog(): Promise<OpenedLog> {
    this.events.push('log opened');
    return Promise.resolve({
      addresses: ['127.0.0.1:9092'],
      metrics: () => [
        { name: 'log_up', help: '', type: 'gauge' as const, samples: [{ labels: {}, value: 1 }] },
      ],
      [Symbol.asyncDispose]: () => Promise.resolve(void this.events.push('log closed')),
    });
  }

  async openHerder(_log: OpenedLog, options: { workerId: string }): Promise<OpenedHerder> {
    await this.gate;
    if (this.failHerder !== undefined) throw this.failHerder;
    this.workerId = options.workerId;
    this.events.push('herder opened');
    return {
      herder: new FakeHerder(),
      [Symbol.asyncDispose]: async () => {
        await this.onCloseHerder();
        this.events.push('herder closed');
      },
    };
  }
}

const portOf = (url: string | undefined): number => Number(new URL(url ?? '').port);
const never = new AbortController().signal;

test('the worker answers over HTTP, knows its address, and closes the herder before the log', async () => {
  const parts = new FakeParts();
  const worker = await compose(parts, { settings: settings(), log: silentLogger, signal: never });
  const port = portOf(worker.restUrls[0]);
  expect((await ask(port, 'GET', '/', {})).status).toBe(200);
  expect((await ask(port, 'GET', '/metrics', {})).text).toMatch(/^log_up 1$/m);
  expect((await ask(port, 'GET', '/metrics', {})).text).toContain('process_resident_memory_bytes');
  expect(parts.workerId).toBe(`127.0.0.1:${port}`);
  expect([worker.isEmbedded, worker.logAddresses]).toEqual([true, ['127.0.0.1:9092']]);

  let whileDraining: unknown;
  parts.onCloseHerder = async () => {
    whileDraining = await ask(port, 'GET', '/', {}).catch((error: unknown) => error);
  };
  await worker[Symbol.asyncDispose]();
  expect(whileDraining).toHaveProperty('code');
  expect(parts.events).toEqual(['log opened', 'herder opened', 'herder closed', 'log closed']);
});

test('what was opened is closed when a later part fails', async () => {
  const parts = new FakeParts();
  parts.failHerder = new Error('no');
  const starting = compose(parts, { settings: settings(), log: silentLogger, signal: never });
  await expect(starting).rejects.toThrow('no');
  expect(parts.events).toEqual(['log opened', 'log closed']);
});

test('a taken REST port is found before the log is touched', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const parts = new FakeParts();
  const taken = settings({ listeners: `http://127.0.0.1:${port}` });
  const starting = compose(parts, { settings: taken, log: silentLogger, signal: never });
  await expect(starting).rejects.toMatchObject({ code: 'rest.listen_failed' });
  expect(parts.events).toEqual([]);
  await new Promise((resolve) => other.close(resolve));
});

test('asked to stop while starting, it closes what is open and says so', async () => {
  const parts = new FakeParts();
  const gate = deferred();
  parts.gate = gate.promise;
  const stop = new AbortController();
  const starting = compose(parts, { settings: settings(), log: silentLogger, signal: stop.signal });
  stop.abort(new Error('stopped by SIGTERM'));
  gate.resolve();
  await expect(starting).rejects.toThrow('stopped by SIGTERM');
  expect(parts.events.filter((event) => event.endsWith('opened'))).toHaveLength(
    parts.events.filter((event) => event.endsWith('closed')).length,
  );
});
