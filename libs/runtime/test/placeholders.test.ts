import { expect, test } from '@jest/globals';
import { resolvePlaceholders, type ConfigProvider } from '@millrace/config';
import { create, numbersConfig, taskState, TestBed, text, until } from './harness.ts';

const SECRET = 'planted-secret-4711';

/** A vault whose one entry the test changes. */
class Vault implements ConfigProvider {
  value = SECRET;
  ttlMs: number | undefined;

  get(): ReturnType<ConfigProvider['get']> {
    return Promise.resolve({ values: new Map([['key', this.value]]), ttlMs: this.ttlMs });
  }

  readonly resolve = (config: Readonly<Record<string, string>>) =>
    resolvePlaceholders(config, new Map([['vault', this]]));
}

const config = { ...numbersConfig, note: 'x-${vault:key}-y' };

test('connector and tasks get what placeholders stand for, everything else the placeholders', async () => {
  await using bed = new TestBed();
  const seen: unknown[] = [];
  bed.numbers.hooks.taskConfigs = (given) => {
    seen.push(given['note']);
    return Promise.resolve();
  };
  const worker = await bed.open({}, [], new Vault().resolve);
  await create(worker, 'n', config);
  await until('running', () => taskState(worker, 'n') === 'RUNNING');
  expect(seen).toEqual([`x-${SECRET}-y`]);
  expect(worker.connectorInfo('n').config['note']).toBe(config.note);
  expect(worker.taskConfigs('n')[0]?.config['note']).toBe(config.note);
  const stored = (await bed.log.records('connect-configs')).map(({ value }) => text(value ?? null));
  expect(stored.join('\n')).not.toContain(SECRET);
});

test.each(['start', 'taskConfigs'] as const)(
  'a secret in an error of %s is hidden in status, log and validation',
  async (hook) => {
    await using bed = new TestBed();
    const fail = (): Promise<never> =>
      Promise.reject(new Error(`no access with ${SECRET}`, { cause: new Error(SECRET) }));
    bed.numbers.hooks[hook] = fail;
    bed.numbers.hooks.validate = fail;
    const worker = await bed.open({}, [], new Vault().resolve);
    const validated = await worker
      .validateConfig('numbers', { ...config, name: 'n' })
      .catch((error: unknown) => String(error));
    delete bed.numbers.hooks.validate;
    await create(worker, 'n', config);
    await until('failed', () => {
      const { connector, tasks } = worker.connectorStatus('n');
      return [connector, ...tasks].some(({ state }) => state === 'FAILED');
    });
    const status = JSON.stringify(worker.connectorStatus('n'));
    expect(status).toContain('no access with');
    const logged = bed.logged.map(({ fields, message }) => [
      message,
      ...Object.values(fields).map((value) =>
        value instanceof Error ? `${value.stack ?? ''}${String(value.cause)}` : String(value),
      ),
    ]);
    const statuses = (await bed.log.records('connect-status')).map(({ value }) =>
      text(value ?? null),
    );
    expect(JSON.stringify([status, logged, statuses, validated])).not.toContain(SECRET);
  },
);

test('a connector is restarted when a placeholder stands for something else, unless it says none', async () => {
  await using bed = new TestBed();
  const vault = new Vault();
  vault.ttlMs = 1;
  const worker = await bed.open({}, [], vault.resolve);
  await create(worker, 'n', config);
  await create(worker, 'still', { ...config, 'config.action.reload': 'none' });
  await until('both run', () =>
    ['n', 'still'].every((name) => taskState(worker, name) === 'RUNNING'),
  );
  const before = bed.numbers.starts.length;
  vault.value = 'another';
  await until('one was restarted', () => bed.numbers.starts.length === before + 1);
  await worker.settled('n');
  expect(bed.numbers.stops).toBe(1);
});
