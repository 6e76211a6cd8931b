import { planJson, planText } from '../declarative/plan-text.ts';
import { hasWork } from '../declarative/plan.ts';
import { prepare } from '../declarative/prepare.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { hasErrors, problemLine } from '../files/file-problems.ts';
import { reportProblems } from '../problems.ts';
import type { Call, Command } from './command.ts';

/** As Terraform's: 2 is no error, so what is wrong is always 1. */
const DETAILED = { nothing: EXIT.done, wrong: EXIT.failed, changes: EXIT.refused } as const;

async function plan(call: Call): Promise<ExitCode> {
  if (call.options['detailed-exitcode'] !== true) return (await show(call)).code;
  try {
    const { code, hasChanges } = await show(call);
    if (code !== EXIT.done) return DETAILED.wrong;
    return hasChanges ? DETAILED.changes : DETAILED.nothing;
  } catch (error) {
    reportProblems([error], call.io);
    return DETAILED.wrong;
  }
}

async function show(
  call: Call,
): Promise<{ readonly code: ExitCode; readonly hasChanges: boolean }> {
  const { io, options } = call;
  const { hash, plan: made, problems, secrets } = await prepare(call);
  for (const problem of problems) io.error(problemLine(problem));
  const isApplicable = !hasErrors(problems);
  if (options.json === true)
    io.out(JSON.stringify({ ...planJson(made, hash, secrets), problems }, null, 2));
  else if (isApplicable) io.out(planText(made, hash, secrets));
  return { code: isApplicable ? EXIT.done : EXIT.refused, hasChanges: hasWork(made) };
}

export const planCommand: Command = {
  name: 'plan',
  operands: 'DIR',
  least: 1,
  most: Infinity,
  summary: 'what "apply" would do with a folder of connector files',
  details: `DIR holds one connector a file, in .json, .yaml or .properties. For each it says: create; update in place (it is
paused or stopped); restart (its tasks take the new configuration and go on from their offsets); delete (with --prune,
what no file describes); unchanged. Keys that change are shown, secrets masked; placeholders stay placeholders. The
worker checks what would change. The last line is the hash for "apply --plan": of the files and of the worker's state.

Exit codes: 0 there is a plan, with changes or without; 1 failed; 2 the files are wrong. With --detailed-exitcode, as
Terraform's: 0 nothing to do, 1 anything wrong, 2 there are changes.`,
  options: ['prune', 'detailed-exitcode', 'url', 'user', 'token', 'ca', 'json'],
  run: plan,
};
