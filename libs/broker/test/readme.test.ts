import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { servedApis } from '../src/handlers.ts';
import { KAFKA_APIS } from './kafka-apis.ts';

const README = new URL('../README.md', import.meta.url);
const BEGIN =
  '<!-- apis: written by `MILLRACE_WRITE=1 npm run jest -- libs/broker/test/readme.test.ts` -->';
const END = '<!-- apis end -->';

/** The table of the README, from what ApiVersions says and what Kafka says there. */
function apiTable(): string {
  const kafka = new Map(KAFKA_APIS.map((row) => [row[0], row]));
  const range = (min: number, max: number): string => (min === max ? `${min}` : `${min}-${max}`);
  const served = servedApis();
  const rows = served.map(({ key, name, minVersion, advertisedMinVersion, maxVersion }) => {
    const theirs = kafka.get(key);
    const ours = range(minVersion, maxVersion);
    const notes = [
      ...(advertisedMinVersion === minVersion ? [] : [`advertised from ${advertisedMinVersion}`]),
      ...(theirs === undefined ? ['not in Kafka 4.1'] : []),
      ...(theirs !== undefined &&
      range(theirs[2], theirs[3]) !== range(advertisedMinVersion, maxVersion)
        ? [`Kafka 4.1: ${range(theirs[2], theirs[3])}`]
        : []),
    ];
    return [`${key}`, name, ours, notes.join('; ')];
  });
  const keys = new Set(served.map(({ key }) => key));
  const missing = KAFKA_APIS.filter(([key]) => !keys.has(key)).map(
    ([key, name]) => `${name} (${key})`,
  );
  return [
    ...tableLines(['key', 'API', 'versions', 'differs'], rows),
    '',
    `Kafka 4.1 also has, and we neither serve nor advertise: ${missing.join(', ')}.`,
  ].join('\n');
}

test('the README lists the APIs and versions that are served, and those of Kafka that are not', () => {
  const text = readFileSync(README, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  expect([from, to]).not.toContain(-1);
  const written = `${text.slice(0, from + BEGIN.length)}\n\n${apiTable()}\n\n${text.slice(to)}`;
  if (process.env['MILLRACE_WRITE'] === '1') writeFileSync(README, written);
  expect(text).toBe(written);
});

/** As Prettier lays it out, the first column to the right. */
function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = head.map((_, at) =>
    Math.max(...[head, ...rows].map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padStart(widths[0] ?? 0) : cell.padEnd(widths[at] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, at) =>
    at === 0 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(head), line(rule), ...rows.map(line)];
}
