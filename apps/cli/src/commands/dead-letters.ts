import type { ConsumedRecord, KafkaClient } from '@millrace/kafka-client';
import { badUsage, noDeadLetterTopic } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import { withLog } from '../log/log-access.ts';
import { lineOf, recordJson, showBytes, timeOf } from '../log/record-text.ts';
import { table } from '../table.ts';
import { print, type Call, type Command } from './command.ts';
import { askConnector } from './connector-path.ts';
import { listDecoded, showDecoded } from './dead-letters-decoded.ts';
import { replayCommand } from './dead-letters-replay.ts';
import { LOG_OPTIONS } from './log-options.ts';
import { rangeOf, readRange, wholeNumber } from '../log/read-range.ts';
import { findTopic } from '../log/topic-lookup.ts';

const TOPIC_KEY = 'errors.deadletterqueue.topic.name';
const HEADER = '__connect.errors.';
const DEFAULT_LAST = 20;
const MESSAGE_CHARS_MAX = 100;

interface DeadLetter {
  readonly record: ConsumedRecord;
  /** Of `errors.deadletterqueue.context.headers.enable=true`, without their common prefix. */
  readonly context: Readonly<Record<string, string>>;
}

async function list(call: Call): Promise<ExitCode> {
  const { options } = call;
  if (options.topic === undefined) {
    await topicOf(call); // Who has none is told how to get one.
    return print(call, await listDecoded(call));
  }
  const limit = options.limit === undefined ? Infinity : wholeNumber('--limit', options.limit);
  const letters: DeadLetter[] = [];
  await withLog(call, async (client) => {
    const from = options.from ?? `-${DEFAULT_LAST}`;
    await readLetters(call, client, { from, partition: options.partition }, (letter) => {
      letters.push(letter);
      return letters.length < limit;
    });
  });
  const rows = letters.map(({ record, context }) => [
    `${record.partition}:${record.offset}`,
    timeOf(record) ?? '',
    context['connector.name'] ?? '',
    context['stage'] ?? '',
    sourceOf(context),
    shortened(context['exception.message'] ?? ''),
  ]);
  const titles = ['LETTER', 'TIME', 'CONNECTOR', 'STAGE', 'RECORD', 'ERROR'];
  return print(call, {
    json: letters.map(letterJson),
    text: letters.length === 0 ? 'no dead letters' : table(titles, rows),
  });
}

async function show(call: Call): Promise<ExitCode> {
  const { options } = call;
  const at = call.operands.at(-1) ?? '';
  const [, partition, offset] = /^(?:(\d+):)?(\d+)$/.exec(at) ?? [];
  if (offset === undefined)
    throw badUsage(`"${at}" is not PARTITION:OFFSET, as "dead-letters list" shows it`);
  if (options.topic === undefined) {
    await topicOf(call);
    return print(call, await showDecoded(call, partition ?? '0', offset));
  }
  const found = await withLog(call, async (client) => {
    let letter: DeadLetter | undefined;
    await readLetters(call, client, { from: offset, partition: partition ?? '0' }, (each) => {
      letter = each;
      return false;
    });
    return letter;
  });
  if (found?.record.offset !== Number(offset)) throw badUsage(`there is no dead letter at ${at}`);
  return print(call, { json: letterJson(found), text: letterText(found) });
}

/** Of the topic that `--topic` names, or of the connector's. */
async function readLetters(
  call: Call,
  client: KafkaClient,
  where: { readonly from: string; readonly partition?: string | undefined },
  onLetter: (letter: DeadLetter) => boolean,
): Promise<void> {
  const topic = await findTopic(client, await topicOf(call));
  const range = await rangeOf(client, topic, where);
  await readRange(client, range, { follow: false, stop: call.io.stop }, (record) =>
    onLetter({ record, context: contextOf(record) }),
  );
}

async function topicOf({ options, operands: [name], rest }: Call): Promise<string> {
  if (options.topic !== undefined) return options.topic;
  if (name === undefined) throw badUsage('a connector, or --topic, is needed');
  const config = await askConnector<Record<string, string>>(rest, 'GET', name, '/config');
  const topic = (config[TOPIC_KEY] ?? '').trim();
  if (topic === '') throw noDeadLetterTopic(name, TOPIC_KEY);
  return topic;
}

function contextOf({ headers }: ConsumedRecord): Readonly<Record<string, string>> {
  return Object.fromEntries(
    headers
      .filter(({ key }) => key.startsWith(HEADER))
      .map(({ key, value }) => [key.slice(HEADER.length), lineOf(showBytes(value))]),
  );
}

/** The coordinates of the record that failed. */
function sourceOf(context: DeadLetter['context']): string {
  const { topic, partition, offset } = context;
  return topic === undefined ? '' : `${topic} ${partition ?? '?'}:${offset ?? '?'}`;
}

function letterJson({ record, context }: DeadLetter): unknown {
  const own = record.headers.filter(({ key }) => !key.startsWith(HEADER));
  return { ...recordJson({ ...record, headers: own }), error: context };
}

function letterText({ record, context }: DeadLetter): string {
  const { 'exception.stacktrace': trace, ...fields } = context;
  const own = record.headers.filter(({ key }) => !key.startsWith(HEADER));
  const rows = [
    ['letter', `${record.topic} ${record.partition}:${record.offset}`],
    ['time', timeOf(record) ?? ''],
    ...Object.entries(fields),
    ['key', lineOf(showBytes(record.key))],
    ['value', lineOf(showBytes(record.value))],
    ...own.map(({ key, value }) => [`header ${key}`, lineOf(showBytes(value))]),
  ];
  return [table(['FIELD', 'VALUE'], rows), ...(trace === undefined ? [] : ['', trace])].join('\n');
}

function shortened(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length <= MESSAGE_CHARS_MAX ? line : `${line.slice(0, MESSAGE_CHARS_MAX)}…`;
}

export const deadLetterCommands: readonly Command[] = [
  {
    name: 'dead-letters list',
    operands: '[NAME]',
    most: 1,
    summary: 'the last records that a connector set aside, and why',
    details: `Of the connector NAME, read by its converters, from ${DEFAULT_LAST} offsets before the end of each
partition unless --from or a filter says otherwise; or of --topic, as they are. What went wrong is known if the connector
has errors.deadletterqueue.context.headers.enable=true.`,
    options: [...LOG_OPTIONS, 'topic', 'from', 'to', 'partition', 'fingerprint', 'stage', 'limit'],
    run: list,
  },
  {
    name: 'dead-letters show',
    operands: '[NAME] PARTITION:OFFSET',
    least: 1,
    most: 2,
    summary: 'one of them whole: key, value, headers, trace',
    options: [...LOG_OPTIONS, 'topic'],
    run: show,
  },
  replayCommand,
];
