import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@millrace/foundation';
import { Lab } from './lab.ts';
import { Unavailable, type Outcome, type Suite } from './suite.ts';
import { suites } from './suites.ts';
import { judge, parseExceptions, type Verdict } from './verdict.ts';

const CACHE =
  process.env['MILLRACE_COMPATIBILITY_CACHE'] ?? join(tmpdir(), 'millrace-compatibility');
const EXCEPTIONS = join(import.meta.dirname, '../../exceptions');

interface Run {
  readonly suite: Suite;
  readonly seconds: number;
  /** Why it did not run. */
  readonly unavailable?: string;
  readonly verdict?: Verdict;
  /** What failed the first time, where it was run a second time. */
  readonly first?: Verdict | undefined;
}

const write = (line: string): void => void process.stdout.write(`${line}\n`);
const names = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const options = new Set(process.argv.slice(2).filter((arg) => arg.startsWith('--')));
const unknown = [
  ...names.filter((name) => !suites.some((suite) => suite.name === name)),
  ...[...options].filter(
    (option) => !['--again', '--full', '--list', '--verbose'].includes(option),
  ),
];

if (unknown.length > 0 || options.has('--list')) {
  if (unknown.length > 0) write(`there is no "${unknown.join('", "')}"`);
  write('npm run test:compat [-- [--full] [--again] [--verbose] [SUITE …]]');
  write('  --again: a suite that fails runs once more; the summary tells both outcomes');
  for (const { name, tier, about } of suites)
    write(`  ${name.padEnd(18)} ${tier.padEnd(5)} ${about}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const chosen = suites.filter((suite) =>
  names.length > 0 ? names.includes(suite.name) : options.has('--full') || suite.tier === 'ci',
);
const logs = join(CACHE, 'logs');
mkdirSync(logs, { recursive: true });
const runs: Run[] = [];
for (const suite of chosen) {
  write(`${suite.name}: ${suite.about}`);
  const run = await runOne(suite);
  const isAgain = options.has('--again') && (run.verdict?.problems.length ?? 0) > 0;
  runs.push(isAgain ? { ...(await runOne(suite)), first: run.verdict } : run);
}
report(runs);
process.exit();

async function runOne(suite: Suite): Promise<Run> {
  const startedMs = systemClock.monotonicMs();
  const seconds = (): number => Math.round((systemClock.monotonicMs() - startedMs) / 1000);
  const logFile = join(logs, `${suite.name}.log`);
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.before`);
  await using lab = new Lab({ cache: CACHE, logFile, write });
  let outcomes: readonly Outcome[];
  try {
    outcomes = await suite.run(lab);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { suite, seconds: seconds(), unavailable: error.message };
  }
  if (options.has('--verbose')) {
    for (const { result, test, detail = '' } of outcomes) write(`  ${result} ${test} ${detail}`);
  }
  return { suite, seconds: seconds(), verdict: judge(outcomes, exceptionsOf(suite)) };
}

function exceptionsOf(suite: Suite): ReturnType<typeof parseExceptions> {
  const path = join(EXCEPTIONS, `${suite.name}.json`);
  if (!existsSync(path)) return { passedMin: 1, tests: [] };
  return parseExceptions(suite.name, readFileSync(path, 'utf8'));
}

function report(all: readonly Run[]): void {
  let failed = 0;
  write('');
  for (const { suite, seconds, unavailable, verdict, first } of all) {
    const label = `${suite.name.padEnd(18)} ${String(seconds).padStart(4)} s `;
    for (const problem of first?.problems ?? [])
      write(`${suite.name.padEnd(18)}  UNSTABLE, failed at first: ${problem}`);
    if (verdict === undefined) {
      write(`${label} did not run: ${unavailable ?? ''}`);
      continue;
    }
    const { passed, excepted, skipped, problems } = verdict;
    write(`${label} ${passed} passed, ${excepted} known exceptions, ${skipped} skipped`);
    for (const problem of problems) write(`    ${problem}`);
    if (problems.length > 0) write(`    log: ${join(logs, `${suite.name}.log`)}`);
    failed += problems.length === 0 ? 0 : 1;
  }
  const ran = all.filter(({ verdict }) => verdict !== undefined).length;
  write(`compatibility: ${ran - failed} passed, ${failed} failed, ${all.length - ran} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
}
