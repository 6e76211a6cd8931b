import { developing, json } from './package-files.ts';
import { API, CONTRACT, type TemplateFile, type TemplateOptions } from './template.ts';

/** A transform that sends records with a field of their own elsewhere. */
export function transformFiles(options: TemplateOptions): readonly TemplateFile[] {
  const { name } = options;
  return [
    [
      'src/transform.ts',
      `import {
  defineFields,
  defineTransform,
  nonEmpty,
  resolveConfig,
  type ConnectRecord,
} from '${API}';

const fields = defineFields({
  field: { type: 'STRING', importance: 'HIGH', validate: nonEmpty, doc: 'Whose text the topic is named for.' },
});

/** Appends the text of a field of the value to the topic; a record without it passes as it is. */
export const ${name.identifier} = defineTransform({
  name: '${name.plugin}',
  fields,
  create(config) {
    const { field } = resolveConfig(fields, config);
    return {
      // Never changes the record that it is given: what it returns is another one.
      apply<R extends ConnectRecord>(record: R): R | null {
        const text = textOf(record.value, field);
        return text === undefined ? record : { ...record, topic: \`\${record.topic}-\${text}\` };
      },
    };
  },
});

function textOf(value: unknown, field: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = value instanceof Map ? value.get(field) : Reflect.get(value, field);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
`,
    ],
    [
      'test/contract.test.ts',
      `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sinkRecord, transformContract } from '${CONTRACT}';
import { ${name.identifier} } from '../src/index.js';

const config = { field: 'kind' };
const records = [{ value: { kind: 'a' } }];

for (const { name, run } of transformContract({ plugin: ${name.identifier}, config, records })) test(name, run);

test('the topic is named for the field', async () => {
  const transform = await ${name.identifier}.create(config);
  const record = sinkRecord({ topic: 'orders', value: { kind: 'new' } });
  assert.equal(transform.apply(record)?.topic, 'orders-new');
  assert.equal(transform.apply(sinkRecord({ topic: 'orders' }))?.topic, 'orders');
});
`,
    ],
    [
      'example/connector.json',
      json({
        name: 'lines',
        config: {
          'connector.class': 'FileStreamSource',
          file: 'lines.jsonl',
          format: 'jsonl',
          topic: 'lines',
          transforms: 'route',
          'transforms.route.type': name.plugin,
          'transforms.route.field': 'kind',
        },
      }),
    ],
    [
      'README.md',
      `# ${name.package}

A transform for Millrace. It appends the text of a field of the value to the topic of the record.

| key     | default  |                                      |
| ------- | -------- | ------------------------------------ |
| \`field\` | required | whose text the topic is named for    |

${developing(options)}`,
    ],
  ];
}
