import { expect, test } from '@jest/globals';
import { apis, ErrorCode } from '@millrace/kafka-protocol';
import { resolveLogConfig } from '@millrace/log';
import { findConfigProblem } from '../src/effective-configs.ts';
import { topicFields } from '../src/topic-fields.ts';
import { batchOf, BrokerContext } from './broker-context.ts';

const TOPIC = 2;
const TEXTS = [
  ...['', ' ', '0', '1', '-1', '-2', '-5', '+7', ' 5 ', '007', '1e3', '0x10', '0.5', '1.5', '-0.1'],
  ...['14', '22', '23', '-131072', '2147483647', '-2147483648', '9007199254740993'],
  ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', 'NaN', 'Infinity'],
  ...['delete', 'compact', 'compact,delete', 'delete , compact', ' compact', 'compact,', 'none'],
  ...['gzip', ' gzip ', 'GZIP', 'producer', 'CreateTime', ' LogAppendTime', 'createtime'],
  ...['true', 'TRUE', ' false ', '*', '0:1'],
];

test.each(Object.entries(topicFields))(
  'whatever text is taken for %s, logs can be opened with',
  (key, field) => {
    for (const text of TEXTS) {
      if (findConfigProblem(key, field, text) !== undefined) continue;
      expect(() => resolveLogConfig({ [key]: text })).not.toThrow();
    }
  },
);

test('a topic with neither policy and a negative size keeps its records, also over a restart', async () => {
  await using context = await BrokerContext.open({
    config: { 'log.retention.check.interval.ms': '10' },
  });
  const before = await context.client('tcp');
  const settings = { 'cleanup.policy': '', 'retention.bytes': '-2', 'retention.ms': '1' };
  await before.createTopic('t', 1, settings);
  await before.produce('t', batchOf(['old'], { timestampMs: 1 }));
  await context.restart();
  const after = await context.client('tcp');
  const configs = [{ name: 'retention.ms', configOperation: 0, value: '2' }];
  const { responses } = await after.ask(apis.incrementalAlterConfigs, {
    resources: [{ resourceType: TOPIC, resourceName: 't', configs }],
  });
  expect(responses[0]?.errorCode).toBe(ErrorCode.NONE);
  expect((await after.fetch('t', 0)).records?.byteLength).toBeGreaterThan(0);
});
