import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RecordBatchBuilder } from '../src/record-writer.ts';

const T = 1_700_000_000_000;
const bytesOf = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.tuple(fc.nat(maxLength), fc.nat(255)).map(([length, byte]) => Buffer.alloc(length, byte));

const scenario = fc.record({
  // Around the lengths at which a varint takes a byte more.
  records: fc.array(
    fc.record({
      key: fc.oneof(bytesOf(20), bytesOf(140)),
      value: fc.oneof(bytesOf(140), bytesOf(400), bytesOf(17_000)),
    }),
    { minLength: 1, maxLength: 20 },
  ),
  hasKeys: fc.boolean(),
  frame: fc.record({
    keyStart: bytesOf(70),
    keyEnd: bytesOf(3),
    valueStart: bytesOf(100),
    valueEnd: bytesOf(500),
  }),
  hasHeaders: fc.boolean(),
  /** Of records that are there already, one by one. */
  before: fc.nat(3),
  laterMs: fc.constantFrom(0, 1, 90_000),
  /** Beyond what the records take. */
  spare: fc.constantFrom(0, 700, 20_000),
});

test('records that are written in place are byte for byte those that are appended', () => {
  fc.assert(
    fc.property(scenario, ({ records, hasKeys, frame, hasHeaders, before, laterMs, spare }) => {
      const headers = hasHeaders ? [{ key: 'h', value: Buffer.from('x') }] : [];
      const appended = new RecordBatchBuilder();
      const written = new RecordBatchBuilder();
      for (let index = 0; index < before; index += 1)
        for (const builder of [appended, written]) builder.append(null, Buffer.from('v'), T);
      const timestampMs = T + laterMs;
      for (const { key, value } of records)
        appended.append(
          hasKeys ? Buffer.concat([frame.keyStart, key, frame.keyEnd]) : null,
          Buffer.concat([frame.valueStart, value, frame.valueEnd]),
          timestampMs,
          headers,
        );
      const limit = appended.byteLength + spare;
      let next = 0;
      while (next < records.length) {
        const from = next;
        const count = written.writeInPlace(
          {
            frame: { ...frame, hasKeys },
            timestampMs,
            headers,
            write: (target) => {
              // Not all at a time, as they come.
              for (const { key, value } of records.slice(next, from + 7)) {
                const valueEnd = target.position + value.length;
                const keyEnd = hasKeys ? valueEnd + key.length : valueEnd;
                if (keyEnd > target.end) return;
                value.copy(target.bytes, target.position);
                if (hasKeys) key.copy(target.bytes, valueEnd);
                target.add(valueEnd, keyEnd);
                next += 1;
              }
            },
          },
          limit,
        );
        expect(count).toBe(next - from);
        if (count === 0) break;
      }
      // It needs a little more room than the records take, since it is not known how long they will be.
      if (spare >= 700) expect(next).toBe(records.length);
      for (const { key, value } of records.slice(next))
        written.append(
          hasKeys ? Buffer.concat([frame.keyStart, key, frame.keyEnd]) : null,
          Buffer.concat([frame.valueStart, value, frame.valueEnd]),
          timestampMs,
          headers,
        );
      expect(written.recordCount).toBe(appended.recordCount);
      expect(Buffer.compare(written.buildSync(), appended.buildSync())).toBe(0);
    }),
    { numRuns: 500 },
  );
});
