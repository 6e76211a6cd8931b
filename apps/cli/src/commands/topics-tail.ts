import type { ConsumedRecord } from '@millrace/kafka-client';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { withLog } from '../log/log-access.ts';
import { rangeOf, readRange, wholeNumber } from '../log/read-range.ts';
import { lineOf, recordJson, showBytes } from '../log/record-text.ts';
import { findTopic } from '../log/topic-lookup.ts';
import type { Call, Command } from './command.ts';
import { LOG_OPTIONS } from './log-options.ts';

const DEFAULT_LAST = 10;

async function tail(call: Call): Promise<ExitCode> {
  const { io, options } = call;
  const limit = options.limit === undefined ? Infinity : wholeNumber('--limit', options.limit);
  return withLog(call, async (client) => {
    const topic = await findTopic(client, call.operands[0] ?? '');
    const from = options.from ?? `-${DEFAULT_LAST}`;
    const range = await rangeOf(client, topic, { from, partition: options.partition });
    let count = 0;
    if (limit > 0)
      await readRange(
        client,
        range,
        { follow: options.follow === true, stop: io.stop },
        (record) => {
          io.out(options.json === true ? JSON.stringify(recordJson(record)) : recordLine(record));
          return ++count < limit;
        },
      );
    return EXIT.done;
  });
}

function recordLine({ partition, offset, key, value }: ConsumedRecord): string {
  return [`${partition}:${offset}`, lineOf(showBytes(key)), lineOf(showBytes(value))].join('\t');
}

export const tailCommand: Command = {
  name: 'topics tail',
  operands: 'TOPIC',
  least: 1,
  most: 1,
  summary: 'the last records of a topic, and with --follow those that come',
  details: `Begins ${DEFAULT_LAST} offsets before the end of each partition, unless --from says otherwise. A line is
PARTITION:OFFSET, key and value, separated by tabs; what is not text is shown in base64. --json prints one JSON
document a line, with headers and time.`,
  options: [...LOG_OPTIONS, 'from', 'partition', 'limit', 'follow'],
  run: tail,
};
