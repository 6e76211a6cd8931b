#!/usr/bin/env node
import { runCli } from './cli.ts';

const stop = new AbortController();
let signals = 0;
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(name, () => {
    signals += 1;
    // The second one means it: whatever still drains is left, and the log recovers at the next start.
    if (signals > 1) process.exit(1);
    stop.abort(new Error(`stopped by ${name}`));
  });
}

for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `${JSON.stringify({ level: 'error', time: new Date().toISOString(), event, stack: shown, msg: 'millrace met a bug of its own and ends; nothing acknowledged is lost. Start it again, and report these lines' })}\n`,
    );
    process.exit(1);
  });
}

// `millrace topics tail … | head`: who read has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const exitCode = await runCli(process.argv.slice(2), {
  out: (text) => void process.stdout.write(`${text}\n`),
  error: (text) => void process.stderr.write(`${text}\n`),
  stop: stop.signal,
});
// Not only `exitCode`: a connector's driver may leave a handle behind that would keep the process alive.
process.exit(exitCode);
