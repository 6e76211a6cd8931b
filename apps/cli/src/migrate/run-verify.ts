import { isAborted, silentLogger } from '@millrace/foundation';
import {
  followSource,
  openSession,
  tablesDiffer,
  verify,
  Watermark,
  Way,
  wrongState,
  type ContextOptions,
  type Plan,
  type TableResult,
} from '@millrace/migration';
import type { Call } from '../commands/command.ts';
import { badUsage } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { findWorker, hostWorker, PASSWORD_VARIABLES, type HostedWorker } from './hosted-worker.ts';
import { readRequest, type MigrateRequest } from './request.ts';
import { planOf, type MigratePorts } from './run-migrate.ts';
import { verifyJson, tableLine } from './verify-text.ts';

const TIMEOUT_SECONDS = 600;

/** `millrace migrate verify`: while the migration runs, here or elsewhere. */
export async function runVerify(call: Call, ports: MigratePorts): Promise<ExitCode> {
  const { options, io } = call;
  const request = readRequest(call.operands, options);
  requireStarted(request);
  const plan = await planOf(request);
  const isJson = options.json === true;
  const results = await withMigration(call, request, plan, ports, (context) =>
    verifyNow(context, request, call, (result) => {
      if (!isJson) io.out(tableLine(result));
    }),
  );
  if (isJson) io.out(JSON.stringify(verifyJson(results), null, 2));
  const wrong = results.filter(({ agrees }) => !agrees).length;
  if (wrong > 0) throw tablesDiffer(wrong);
  if (!isJson) io.out('source and target are equal');
  return EXIT.done;
}

export function requireStarted({ state, isResumed }: MigrateRequest): void {
  if (!isResumed || state.phase === 'planned')
    throw wrongState(
      'there is no migration of these databases here yet',
      'start it with "millrace migrate SOURCE-URL TARGET-URL", or give its --data-dir',
    );
}

/** With the worker of the migration: the one that runs, else one of our own for the while. */
export async function withMigration<T>(
  call: Call,
  request: MigrateRequest,
  plan: Plan,
  ports: MigratePorts,
  use: (context: ContextOptions, worker: HostedWorker) => Promise<T>,
): Promise<T> {
  const { source, target, folder, state } = request;
  await using worker =
    (await findWorker(folder)) ??
    (await hostWorker({
      folder,
      passwords: { source: source.password, target: target.password },
      signal: call.io.stop,
      onFailed: (error) => call.io.error(String(error)),
    }));
  return await use(
    {
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
    },
    worker,
  );
}

async function verifyNow(
  context: ContextOptions,
  { source, target, state }: MigrateRequest,
  call: Call,
  onTable: (result: TableResult) => void,
): Promise<readonly TableResult[]> {
  const { signal } = stopOf(call);
  await using sourceSession = await openSession(source, 'verify');
  await using targetSession = await openSession(target, 'verify');
  const isReversed = state.phase === 'reversed';
  const shared = {
    plan: context.plan,
    pairs: context.plan.schema.pairs,
    source: sourceSession,
    target: targetSession,
    isReversed,
    signal,
    onTable,
  };
  // Nothing is carried any more, so nothing can be in flight.
  if (state.phase === 'ended')
    return await verify({ ...shared, passWatermark: () => Promise.resolve() });
  if (!isReversed) await followSource(context);
  await using way = await Way.open(isReversed ? 'reverse' : 'forward', context);
  if (!(await way.isStarted())) await way.start();
  const watermark = new Watermark({
    way,
    source: isReversed ? targetSession : sourceSession,
    clock: context.clock,
    signal,
    timeoutMs: timeoutMs(call),
  });
  await watermark.pass();
  return await verify({ ...shared, passWatermark: () => watermark.pass() });
}

export function timeoutMs({ options }: Call): number {
  const seconds = Number(options.timeout ?? TIMEOUT_SECONDS);
  if (!(seconds > 0)) throw badUsage('--timeout is a number of seconds above 0');
  return seconds * 1_000;
}

/** A stop ends what is waited for, and is no error of its own. */
export function stopOf({ io }: Call): {
  readonly signal: AbortSignal;
  readonly isStopped: boolean;
} {
  return { signal: io.stop, isStopped: isAborted(io.stop) };
}
