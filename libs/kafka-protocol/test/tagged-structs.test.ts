import { expect, test } from '@jest/globals';
import { decodeVersioned, encodeVersioned, messages } from '../src/index.ts';

/**
 * Values of `__consumer_offsets` as Kafka 4.1 writes them. A reader of Kafka's takes a member without the tagged field
 * for one of the classic protocol, so it is there also when it is null.
 */
test.each([
  [
    'that heartbeats',
    '00000369310002780b2f3132372e302e302e31020b74386d7773366e6a763201000013880001000100',
    null,
  ],
  [
    'of the classic protocol',
    '0000000002780b2f3132372e302e302e31020b74386d7773366e6a7632010000138800' +
      '0100250100002710020672616e676517000000000001000a74386d7773366e6a7632ffffffff0000',
    { sessionTimeoutMs: 10_000, supportedProtocols: [{ name: 'range' }] },
  ],
])('a member %s is read and written as by Kafka', (_, hex, classicMemberMetadata) => {
  const message = messages.consumerGroupMemberMetadataValue;
  const { value } = decodeVersioned(message, Buffer.from(hex, 'hex'));
  expect(value).toMatchObject({ clientId: 'x', rebalanceTimeoutMs: 5000 });
  if (classicMemberMetadata === null) expect(value.classicMemberMetadata).toBeNull();
  else expect(value.classicMemberMetadata).toMatchObject(classicMemberMetadata);
  expect(Buffer.from(encodeVersioned(message, 0, value)).toString('hex')).toBe(hex);
});
