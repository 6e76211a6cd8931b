import type { Clock, Random } from '@millrace/foundation';
import { silentLogger } from '@millrace/foundation';
import {
  makePlan,
  openSession,
  planRefused,
  runMigration,
  wrongState,
  type Plan,
} from '@millrace/migration';
import type { Call } from '../commands/command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findWorker, hostWorker, PASSWORD_VARIABLES } from './hosted-worker.ts';
import { findingText, planJson, planText } from './plan-text.ts';
import { Reporter } from './reporter.ts';
import { readRequest, type MigrateRequest } from './request.ts';

export interface MigratePorts {
  readonly clock: Clock;
  readonly random: Random;
}

/** `millrace migrate`: plan, then everything up to following, until the stop. */
export async function runMigrate(call: Call, ports: MigratePorts): Promise<ExitCode> {
  const { options, io } = call;
  const request = readRequest(call.operands, options);
  if (request.state.closing !== undefined && request.state.phase === 'ended')
    throw wrongState('a cutover was interrupted at its very end', 'run "migrate cutover" again');
  if (request.state.phase === 'ended')
    throw wrongState(
      'this migration is cut over',
      `to migrate again, give another --data-dir or remove ${request.folder.path}`,
    );
  const plan = await planOf(request);
  const isJson = options.json === true;
  const isDry = options['dry-run'] === true;
  const withSql = options.sql === true;
  if (isJson)
    io.out(
      JSON.stringify(
        isDry ? planJson(plan) : { event: 'plan', ...Object(planJson(plan)) },
        null,
        isDry ? 2 : 0,
      ),
    );
  else if (isDry || !request.isResumed || withSql) io.out(`${planText(plan, { withSql })}\n`);
  requireReady(plan);
  if (isDry) return EXIT.done;
  if ((await findWorker(request.folder)) !== undefined)
    throw wrongState(
      'this migration is running already, in another process',
      'stop that one first',
    );
  return await carryOn(call, request, plan, ports);
}

/** @throws MillraceError `migration.not_ready`; `call`: the problems were not shown yet */
export function requireReady(plan: Plan, call?: Call): void {
  const problems = plan.findings.filter(({ severity }) => severity === 'problem');
  for (const finding of problems) call?.io.error(findingText(finding));
  if (problems.length > 0) throw planRefused(problems.length);
}

/** Hosts the worker and carries whatever is to be carried, until the stop. */
export async function carryOn(
  call: Call,
  request: MigrateRequest,
  plan: Plan,
  ports: MigratePorts,
): Promise<ExitCode> {
  const { io, options } = call;
  const { source, target, folder, state } = request;
  const reporter = new Reporter({
    io,
    isJson: options.json === true,
    terminal: process.stdout.isTTY ? process.stdout : undefined,
    nowMs: () => ports.clock.monotonicMs(),
  });
  if (options.json !== true) reporter.say(`data folder: ${folder.path}`);
  await using worker = await hostWorker({
    folder,
    passwords: { source: source.password, target: target.password },
    signal: io.stop,
    onFailed: (error) => io.error(String(error)),
  });
  await runMigration({
    plan,
    source,
    target,
    sourcePassword: `\${env:${PASSWORD_VARIABLES.source}}`,
    targetPassword: `\${env:${PASSWORD_VARIABLES.target}}`,
    rest: worker.rest,
    store: folder,
    state,
    ...ports,
    log: silentLogger,
    onEvent: (event) => reporter.report(event),
    isOnce: options.once === true,
    signal: io.stop,
  });
  return EXIT.done;
}

export async function planOf(request: MigrateRequest): Promise<Plan> {
  await using source = await openSession(request.source);
  await using target = await openSession(request.target);
  return await makePlan({
    source,
    target,
    selection: request.state.selection,
    renames: request.state.renames,
    ...(request.state.tables === undefined ? {} : { tables: request.state.tables }),
    isResumed: request.isResumed,
    isReversible: request.state.isReversible,
  });
}
