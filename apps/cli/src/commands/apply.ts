import { applyPlan, type Applied } from '../declarative/apply-plan.ts';
import { unmanagedText } from '../declarative/plan-text.ts';
import { hasWork } from '../declarative/plan.ts';
import { prepare } from '../declarative/prepare.ts';
import { planIsStale } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { hasErrors, problemLine } from '../files/file-problems.ts';
import type { Call, Command } from './command.ts';

async function apply(call: Call): Promise<ExitCode> {
  const { io, options, rest } = call;
  const { hash, plan, problems } = await prepare(call);
  if (options.plan !== undefined && options.plan !== hash) throw planIsStale(options.plan, hash);
  for (const problem of problems) io.error(problemLine(problem));
  // All or nothing as far as can be known before: a folder with a mistake changes nothing.
  if (hasErrors(problems)) return EXIT.refused;
  const say = (text: string): void => {
    if (options.json !== true) io.out(text);
  };
  const applied = await applyPlan(rest, plan, (each) => {
    say(lineOf(each));
    if (each.error !== undefined) io.error(`millrace: ${each.name}: ${each.error}`);
  });
  say(hasWork(plan) ? outcome(applied) : 'Nothing to do.');
  if (plan.unmanaged.length > 0) say(unmanagedText(plan));
  if (options.json === true)
    io.out(JSON.stringify({ hash, applied, unmanaged: plan.unmanaged }, null, 2));
  return applied.some(({ done }) => done === 'failed') ? EXIT.failed : EXIT.done;
}

function outcome(applied: readonly Applied[]): string {
  const count = (done: Applied['done']): number =>
    applied.filter((each) => each.done === done).length;
  const failed = count('failed');
  const parts = [
    `${count('created')} created`,
    `${count('updated')} updated`,
    `${count('deleted')} deleted`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  return `Done: ${parts.join(', ')}.`;
}

function lineOf({ done, name }: Applied): string {
  return `${name}: ${done}`;
}

export const applyCommand: Command = {
  name: 'apply',
  operands: 'DIR',
  least: 1,
  most: Infinity,
  summary: 'makes the connectors of the worker be what a folder of files says',
  details: `Creates and updates what "plan" shows, and with --prune deletes what no file describes; what is unchanged is not
touched, so that doing it again does nothing. Files that are wrong, also in the eyes of the worker, change nothing.
--plan HASH refuses if files or worker are not as they were when "plan" printed HASH. "initial_state" of a file counts
when its connector is created. Instead of DIR single files can be named.

Exit codes: 0 done or nothing to do, 1 a connector failed or the plan is out of date, 2 the files are wrong.`,
  options: ['prune', 'plan', 'url', 'user', 'token', 'ca', 'json'],
  run: apply,
};
