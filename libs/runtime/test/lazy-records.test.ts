import { expect, test } from '@jest/globals';
import type { Converter } from '@millrace/connector-api';
import { copyable } from '@millrace/cdc';
import type { SourceRecord } from '@millrace/record';
import { shippedTransforms } from '@millrace/transforms';
import { SourceConversion } from '../src/tasks/source-conversion.ts';

const text: Converter = {
  fromConnect: (_topic, _schema, value) => Buffer.from(JSON.stringify(value)),
  toConnect: () => ({ schema: null, value: null }),
};
const named = { converter: text, className: 'text' };

test('a transform makes a lazy record decode its row once', () => {
  let decoded = 0;
  const row: SourceRecord = {
    topic: 't',
    partition: null,
    keySchema: null,
    key: null,
    valueSchema: null,
    get value() {
      decoded++;
      return { id: 1 };
    },
    timestampMs: null,
    headers: [],
    sourcePartition: {},
    sourceOffset: {},
  };
  const insert = shippedTransforms.find(({ name }) => name === 'insert-field-value');
  const transform = insert?.create({ 'static.field': 'from', 'static.value': 'x' });
  if (transform === undefined) throw new Error('no transform');
  const step = { transform, className: 'insert', predicate: undefined, isNegated: false };
  const conversion = new SourceConversion({
    key: named,
    value: named,
    header: named,
    steps: [step],
  });
  expect(conversion.convert(copyable(row))).toMatchObject({
    value: Buffer.from('{"id":1,"from":"x"}'),
  });
  expect(decoded).toBe(1);
});
