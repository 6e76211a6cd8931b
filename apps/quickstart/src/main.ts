import { describeError, MillraceError } from '@millrace/foundation';
import { HELP, parseArguments } from './arguments.ts';
import { runQuickstart } from './quickstart.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(1); // asked twice
    process.stdout.write('\nstopping …\n');
    stop.abort(new Error(`stopped by ${name}`));
  });
}

try {
  const options = parseArguments(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else process.exitCode = await runQuickstart(options, stop.signal);
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`${describeError(error)}\n`);
    if (error instanceof MillraceError && error.hint !== undefined)
      process.stderr.write(`  ${error.hint}\n`);
    process.exitCode = error instanceof MillraceError && error.code === 'config.invalid' ? 2 : 1;
  }
}
process.exit();
