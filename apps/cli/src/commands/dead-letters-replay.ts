import type { ReplayRequest, ReplayStatus } from '@millrace/runtime';
import { systemClock } from '@millrace/foundation';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { wholeNumber } from '../log/read-range.ts';
import { table } from '../table.ts';
import { print, WORKER_OPTIONS, type Call, type Command } from './command.ts';
import { askOurs } from './connector-path.ts';

const ASK_EVERY_MS = 500;

async function replay(call: Call): Promise<ExitCode> {
  const { rest, io, operands } = call;
  const [name = ''] = operands;
  const path = '/dead-letters/replay';
  let status = await askOurs<ReplayStatus>(rest, 'POST', name, path, requestOf(call));
  while (status.state === 'running') {
    // Ctrl-C ends the waiting, not the replay: its id is told, so that it can be asked for, or cancelled.
    const isStopped = await systemClock.sleep(ASK_EVERY_MS, io.stop).then(
      () => false,
      () => true,
    );
    status = await askOurs<ReplayStatus>(rest, 'GET', name, `${path}/${status.id}`);
    if (isStopped) break;
  }
  const code = print(call, { json: status, text: textOf(status) });
  return status.state === 'failed' || status.state === 'cancelled' ? EXIT.failed : code;
}

function requestOf({ options }: Call): ReplayRequest {
  const number = (name: 'partition' | 'from' | 'to' | 'limit'): number | undefined =>
    options[name] === undefined ? undefined : wholeNumber(`--${name}`, options[name]);
  return {
    dry_run: options['dry-run'],
    partition: number('partition'),
    from: number('from'),
    to: number('to'),
    limit: number('limit'),
    fingerprint: options.fingerprint,
    stage: options.stage,
  };
}

function textOf(status: ReplayStatus): string {
  const { dry_run: isDry, delivered, dropped, failed, skipped } = status;
  const rows = [
    ['replay', `${status.id} of ${status.connector}${isDry ? ' (dry run)' : ''}: ${status.state}`],
    [isDry ? 'would be delivered' : 'delivered', String(delivered)],
    [isDry ? 'would be dropped' : 'dropped by transforms', String(dropped)],
    [isDry ? 'would fail again' : 'failed again', String(failed)],
    ['replayed before', String(skipped.replayed)],
    ['not replayable', String(skipped.not_replayable)],
  ];
  const previews = status.previews.map(
    ({ letter, topic, key, value }) =>
      `${letter.partition}:${letter.offset} → ${topic} ${JSON.stringify(key)} ${JSON.stringify(value)}`,
  );
  const problems = status.problems.map(({ partition, offset, stage, message }) =>
    `${partition}:${offset} ${stage ?? ''} ${message}`.replaceAll(/ +/g, ' '),
  );
  return [
    table(['WHAT', 'LETTERS'], rows),
    ...section(previews),
    ...section(problems),
    ...(status.error === null ? [] : ['', status.error]),
    ...(status.remedy === null ? [] : [status.remedy]),
  ].join('\n');
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

export const replayCommand: Command = {
  name: 'dead-letters replay',
  operands: 'NAME',
  least: 1,
  most: 1,
  summary: 'gives a connector its dead letters once more',
  details: `In their order, through the transforms and the running tasks that the connector has now; each once, however
often this is asked for. What fails again is a dead letter again, with one attempt more. --from and --to are the first
and the last offset.`,
  options: [
    ...WORKER_OPTIONS,
    'dry-run',
    'partition',
    'from',
    'to',
    'fingerprint',
    'stage',
    'limit',
  ],
  run: replay,
};
