import type { DeadLetterPage, DeadLetterView, ReadableBytes } from '@millrace/runtime';
import { badUsage } from '../errors.ts';
import { table } from '../table.ts';
import type { Answer, Call } from './command.ts';
import { askOurs } from './connector-path.ts';

const DEFAULT_LAST = 20;
const MESSAGE_CHARS_MAX = 100;

/** The letters as the connector's own converters read them. */
export async function listDecoded({ options, operands, rest }: Call): Promise<Answer> {
  const [name = ''] = operands;
  const { from = `-${DEFAULT_LAST}`, to, partition, limit, fingerprint, stage } = options;
  if (from !== 'earliest' && !/^-?\d+$/.test(from))
    throw badUsage(`--from "${from}" is none of earliest, an offset, -N`);
  const hasFilter = fingerprint !== undefined || stage !== undefined;
  const isWhole = from === 'earliest' || (options.from === undefined && hasFilter);
  const query = new URLSearchParams(
    Object.entries({
      ...(isWhole ? {} : { from }),
      to,
      partition,
      limit,
      fingerprint,
      stage,
    }).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const page = await askOurs<DeadLetterPage>(
    rest,
    'GET',
    name,
    `/dead-letters?${query.toString()}`,
  );
  const rows = page.letters.map((letter) => [
    `${letter.partition}:${letter.offset}`,
    letter.timestamp,
    letter.error?.stage ?? '',
    recordText(letter),
    letter.replayed ? 'replayed' : String(letter.attempts),
    letter.error?.fingerprint ?? '',
    shortened(letter.error?.exception.message ?? ''),
  ]);
  const titles = ['LETTER', 'TIME', 'STAGE', 'RECORD', 'REPLAYS', 'FINGERPRINT', 'ERROR'];
  const text = page.letters.length === 0 ? 'no dead letters' : table(titles, rows);
  const more = page.next === null ? '' : `\nmore from ${page.next} on: --from, or --limit`;
  return { json: page, text: `${text}${more}` };
}

export async function showDecoded(
  { operands: [name = ''], rest }: Call,
  partition: string,
  offset: string,
): Promise<Answer> {
  const path = `/dead-letters/${partition}/${offset}`;
  const letter = await askOurs<DeadLetterView>(rest, 'GET', name, path);
  const { error } = letter;
  const rows = [
    ['letter', `${letter.partition}:${letter.offset}`],
    ['time', letter.timestamp],
    ['record', recordText(letter)],
    ['stage', error?.stage ?? ''],
    ['class', error?.class ?? ''],
    ['exception', error?.exception.class ?? ''],
    ['message', error?.exception.message ?? ''],
    ['fingerprint', error?.fingerprint ?? ''],
    ['failed replays', String(letter.attempts)],
    ['replayed', letter.replayed ? 'yes' : 'no'],
    ...(letter.obstacle === null ? [] : [['not replayable', letter.obstacle]]),
    ['key', bytesText(letter.key)],
    ['value', bytesText(letter.value)],
    ...letter.headers.map(({ key, value }) => [`header ${key}`, bytesText(value)]),
  ];
  const trace = error?.stacktrace;
  const text = [table(['FIELD', 'VALUE'], rows), ...(trace == null ? [] : ['', trace])].join('\n');
  return { json: letter, text };
}

function recordText({ record }: DeadLetterView): string {
  if (record === undefined) return '';
  const { topic, partition, offset } = record;
  return typeof offset === 'number'
    ? `${String(topic)} ${String(partition)}:${offset}`
    : `${String(topic)} ${JSON.stringify(record['source_offset'])}`;
}

function bytesText(bytes: ReadableBytes | null): string {
  if (bytes === null) return 'null';
  if ('decoded' in bytes) return JSON.stringify(bytes.decoded);
  return 'text' in bytes ? `${bytes.text} (${bytes.problem})` : `base64 ${bytes.base64}`;
}

function shortened(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length <= MESSAGE_CHARS_MAX ? line : `${line.slice(0, MESSAGE_CHARS_MAX)}…`;
}
