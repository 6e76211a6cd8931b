import type { ConnectorErrors, ErrorGroup } from '@millrace/runtime';
import { table } from '../table.ts';
import { forEachOperand, WORKER_OPTIONS, type Command } from './command.ts';
import { askOurs } from './connector-path.ts';

const MESSAGE_CHARS_MAX = 100;

const showErrors = forEachOperand(async ({ rest, options }, name) => {
  const json = await askOurs<ConnectorErrors>(rest, 'GET', name, '/errors');
  if (options.clear === true) await askOurs(rest, 'DELETE', name, '/errors');
  return { json, text: textOf(json) };
});

function textOf({ name, since, groups, forgotten }: ConnectorErrors): string {
  if (groups.length === 0) return `${name}: no errors since ${since}`;
  const rows = groups.map((group) => [
    group.fingerprint,
    String(group.count),
    group.last_seen,
    group.stage,
    group.outcome,
    sampleText(group.sample),
    shortened(group.exception.message),
  ]);
  const remedies = groups.flatMap(({ fingerprint, remedy }) =>
    remedy === null ? [] : [`${fingerprint}: ${remedy}`],
  );
  return [
    table(['FINGERPRINT', 'COUNT', 'LAST SEEN', 'STAGE', 'OUTCOME', 'RECORD', 'ERROR'], rows),
    ...(remedies.length === 0 ? [] : ['', ...remedies]),
    ...(forgotten === 0 ? [] : ['', `${forgotten} more kinds are not shown (errors.groups.max)`]),
  ].join('\n');
}

function sampleText(sample: ErrorGroup['sample']): string {
  const { topic, partition, offset } = sample;
  if (typeof topic !== 'string') return '';
  return typeof offset === 'number'
    ? `${topic} ${String(partition)}:${offset}`
    : `${topic} ${JSON.stringify(sample['source_offset'])}`;
}

function shortened(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length <= MESSAGE_CHARS_MAX ? line : `${line.slice(0, MESSAGE_CHARS_MAX)}…`;
}

export const errorCommands: readonly Command[] = [
  {
    name: 'errors',
    operands: 'NAME ...',
    least: 1,
    most: Infinity,
    summary: 'what went wrong with a connector, by kind',
    details: `Failures of one kind (stage, class, exception and message without its values) are counted together, with the
last record of the kind and what mends it. They live in the worker's memory since its start, or since --clear.`,
    options: [...WORKER_OPTIONS, 'clear'],
    run: showErrors,
  },
];
