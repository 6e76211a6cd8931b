import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

test('the quickstart carries a shop into a second database and a file, and they agree row by row', async () => {
  const main = join(import.meta.dirname, '../../apps/quickstart/dist/main.js');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, '--check', '--seconds', '4'],
    { timeout: 100_000 },
  );
  expect(stdout).toContain('source, target and file agree');
  for (const table of ['customers', 'products', 'orders', 'order_lines']) {
    expect(stdout).toMatch(new RegExp(`agrees\\s+${table}\\s+source [1-9]\\d* rows`, 'u'));
  }
}, 120_000);
