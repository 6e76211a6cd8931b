import type { ConnectorOffsets } from '@millrace/runtime';
import { readText } from '../config.ts';
import { badUsage } from '../errors.ts';
import { table } from '../table.ts';
import { answering, forEachOperand, WORKER_OPTIONS, type Command } from './command.ts';
import { askConnector } from './connector-path.ts';

const showOffsets = forEachOperand(async ({ rest }, name) => {
  const json = await askConnector<ConnectorOffsets>(rest, 'GET', name, '/offsets');
  const rows = json.offsets.map(({ partition, offset }) => [textOf(partition), textOf(offset)]);
  return {
    json,
    text: rows.length === 0 ? 'no offsets yet' : table(['PARTITION', 'OFFSET'], rows),
  };
});

const setOffsets = answering(async ({ rest, operands: [name = ''], options }) => {
  if (options.file === undefined) throw badUsage('"offsets set" needs --file FILE');
  const offsets = parseOffsets(options.file, readText(options.file));
  const json = await askConnector<Message>(rest, 'PATCH', name, '/offsets', offsets);
  return { json, text: `${name}: ${json.message}` };
});

const resetOffsets = forEachOperand(async ({ rest }, name) => {
  const json = await askConnector<Message>(rest, 'DELETE', name, '/offsets');
  return { json, text: `${name}: ${json.message}` };
});

interface Message {
  readonly message: string;
}

/** As `offsets get --json` prints them; the worker says what is wrong inside. */
function parseOffsets(fileName: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badUsage(
      `"${fileName}" is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** `kafka_topic=orders kafka_partition=0`: short, where the values are. */
function textOf(map: Readonly<Record<string, unknown>> | null): string {
  if (map === null) return 'none';
  return Object.entries(map)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

export const offsetCommands: readonly Command[] = [
  {
    name: 'offsets get',
    operands: 'NAME ...',
    least: 1,
    most: Infinity,
    summary: 'how far a connector has come',
    options: WORKER_OPTIONS,
    run: showOffsets,
  },
  {
    name: 'offsets set',
    operands: 'NAME',
    least: 1,
    most: 1,
    summary: 'changes offsets of a stopped connector',
    details: `FILE has the form that "offsets get NAME --json" prints; partitions that it does not name stay as they
are, and an offset of null forgets its partition. Stop the connector first.`,
    options: [...WORKER_OPTIONS, 'file'],
    run: setOffsets,
  },
  {
    name: 'offsets reset',
    operands: 'NAME ...',
    least: 1,
    most: Infinity,
    summary: 'forgets the offsets of a stopped connector: it begins anew',
    options: WORKER_OPTIONS,
    run: resetOffsets,
  },
];
