import { expect, test } from '@jest/globals';
import { murmur2, partitionForKey } from '../src/partitioner.ts';

// Values of Java's client, from the tests of Apache Kafka.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of "%s" is that of the Java client', (key, expected) => {
  expect(murmur2(Buffer.from(key))).toBe(expected);
});

test('a key with a negative hash still has a partition', () => {
  expect(partitionForKey(Buffer.from('21'), 7)).toBe((-973932308 & 0x7fffffff) % 7);
});
