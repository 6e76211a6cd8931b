import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import type { Outcome } from './suite.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const JEST = join(ROOT, 'node_modules/jest/bin/jest.js');

export interface JestRun {
  /** Test files, or what their paths contain, and options of jest behind them. */
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Before the name of each test. */
  readonly label: string;
  readonly timeoutMs: number;
}

interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs tests of this repository, one file after the other. A file that can't be loaded is a failure. */
export async function runJest(lab: Lab, run: JestRun): Promise<readonly Outcome[]> {
  const report = join(lab.makeFolder(), 'report.json');
  const result = await lab.run(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', JEST],
      ...['--rootDir', ROOT, '--runInBand', '--json', '--outputFile', report, ...run.files],
    ],
    { cwd: ROOT, env: run.env, timeoutMs: run.timeoutMs },
  );
  if (result.isTimedOut)
    return [{ test: `${run.label} ends in time`, result: 'failed', detail: result.tail }];
  // The shape of jest's own report.
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as JestReport;
  return testResults.flatMap(({ name, message, assertionResults }) =>
    assertionResults.length === 0
      ? [{ test: `${run.label} ${name.slice(ROOT.length)}`, result: 'failed', detail: message }]
      : assertionResults.map(({ fullName, status, failureMessages }) => ({
          test: `${run.label} ${fullName}`,
          result: resultOf(status),
          detail: failureMessages.join(' ').slice(0, DETAIL_CHARS_MAX),
        })),
  );
}

const DETAIL_CHARS_MAX = 500;

function resultOf(status: string): Outcome['result'] {
  if (status === 'passed' || status === 'failed') return status;
  return 'skipped';
}
