import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';

const FILE = 'node-report.json';
const PATIENCE_MS = 5_000;

/** Options of `node` by which a process says on SIGUSR2 what it does, also when its loop is blocked. */
export function reportOptions(folder: string): string[] {
  return ['--report-on-signal', `--report-directory=${folder}`, `--report-filename=${FILE}`];
}

interface NodeReport {
  readonly javascriptStack?: { readonly message?: string; readonly stack?: readonly string[] };
  readonly libuv?: readonly { readonly type: string; readonly is_active: boolean }[];
}

/** The JavaScript stack, which is empty in an idle process, and what its event loop waits for. */
export async function askForReport(pid: number, folder: string): Promise<string> {
  const path = join(folder, FILE);
  rmSync(path, { force: true });
  process.kill(pid, 'SIGUSR2');
  const deadlineMs = systemClock.monotonicMs() + PATIENCE_MS;
  for (;;) {
    const report = readReport(path);
    if (report !== undefined) return format(report);
    if (systemClock.monotonicMs() > deadlineMs) return `no report within ${PATIENCE_MS} ms`;
    await systemClock.sleep(50);
  }
}

function readReport(path: string): NodeReport | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as NodeReport; // written by Node
  } catch {
    return undefined; // not there yet, or half written
  }
}

function format({ javascriptStack, libuv = [] }: NodeReport): string {
  const handles = new Map<string, number>();
  for (const { type, is_active } of libuv)
    if (is_active) handles.set(type, (handles.get(type) ?? 0) + 1);
  return [
    javascriptStack?.message ?? 'no JavaScript stack',
    ...(javascriptStack?.stack ?? []),
    `active: ${[...handles].map(([type, count]) => `${count} ${type}`).join(', ')}`,
  ].join('\n');
}
