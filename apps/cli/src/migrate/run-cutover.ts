import { cutover, type CutoverEvent, type MigrationState } from '@millrace/migration';
import type { Call } from '../commands/command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readRequest } from './request.ts';
import { carryOn, planOf, requireReady, type MigratePorts } from './run-migrate.ts';
import { requireStarted, timeoutMs, withMigration } from './run-verify.ts';
import { tableLine } from './verify-text.ts';

/** `millrace migrate cutover`: the last step before the application switches. */
export async function runCutover(call: Call, ports: MigratePorts): Promise<ExitCode> {
  const { options, io } = call;
  const request = readRequest(call.operands, options);
  requireStarted(request);
  const plan = await planOf(request);
  requireReady(plan, call);
  const isJson = options.json === true;
  const { state, isHosted } = await withMigration(
    call,
    request,
    plan,
    ports,
    async (context, worker) => {
      const ended = await cutover({
        ...context,
        signal: io.stop,
        timeoutMs: timeoutMs(call),
        onEvent: (event) => {
          if (isJson) io.out(JSON.stringify(jsonOf(event)));
          else for (const line of textOf(event)) io.out(line);
        },
      });
      return { state: ended, isHosted: !worker.isElsewhere };
    },
  );
  if (!isJson) io.out(outcome(state, request.state));
  // Nobody else carries the way back: this process does, until it is stopped.
  if (state.phase === 'reversed' && isHosted)
    return await carryOn(call, { ...request, state }, plan, ports);
  return EXIT.done;
}

function outcome({ phase, target, source }: MigrationState, before: MigrationState): string {
  const direction = before.closing ?? (before.phase === 'reversed' ? 'reverse' : 'forward');
  if (direction === 'reverse') return `It is safe to switch back to ${source}.`;
  return phase === 'reversed'
    ? `It is safe to switch to ${target}. What is written there goes back to ${source} while "millrace migrate" runs.`
    : `It is safe to switch to ${target}.`;
}

function textOf(event: CutoverEvent): readonly string[] {
  switch (event.kind) {
    case 'waiting':
      return [
        `the old database is still written to (${event.changes} changes just now): stop what writes to it`,
      ];
    case 'quiet':
      return ['nothing comes any more, and the lag is zero; comparing'];
    case 'table':
      return [tableLine(event.result)];
    case 'step':
      return [`making ${event.about}`];
    case 'skipped':
      return [`skipped ${event.about}: ${event.why}`, `    ${event.sql};`];
    case 'trouble':
      return [`differs: ${event.message}`];
    case 'way-back':
      return ['the way back is open'];
    default:
      return [];
  }
}

function jsonOf(event: CutoverEvent): unknown {
  const { kind, ...rest } = event;
  return { event: kind, ...rest };
}
