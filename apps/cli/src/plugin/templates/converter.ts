import { developing, json } from './package-files.ts';
import { API, CONTRACT, type TemplateFile, type TemplateOptions } from './template.ts';

/** A converter for JSON without schemas, with a choice of its own. */
export function converterFiles(options: TemplateOptions): readonly TemplateFile[] {
  const { name } = options;
  return [
    [
      'src/converter.ts',
      `import {
  defineConverter,
  defineFields,
  fatalError,
  jsonText,
  parseJson,
  resolveConfig,
} from '${API}';

const fields = defineFields({
  'line.feed': { type: 'BOOLEAN', default: false, doc: 'Whether a line feed ends each document.' },
});

/** JSON without schemas. What JSON has no form for is refused, never changed in silence. */
export const ${name.identifier} = defineConverter({
  name: '${name.plugin}',
  fields,
  create(config) {
    const { 'line.feed': isLine } = resolveConfig(fields, config);
    return {
      fromConnect(_topic, schema, value) {
        if (value === null || value === undefined) return null; // a tombstone stays one
        const text = jsonText(schema, value);
        return Buffer.from(isLine ? \`\${text}\\n\` : text);
      },
      toConnect(_topic, bytes) {
        if (bytes === null) return { schema: null, value: null };
        try {
          return { schema: null, value: parseJson(Buffer.from(bytes).toString('utf8'), false) };
        } catch (cause) {
          throw fatalError('${name.plugin}.not_json', 'the bytes are no JSON', { cause });
        }
      },
    };
  },
});
`,
    ],
    [
      'test/contract.test.ts',
      `import { test } from 'node:test';
import { converterContract } from '${CONTRACT}';
import { ${name.identifier} } from '../src/index.js';

/** What JSON without schemas gives back as what it was. */
const exact = [
  ...['int8', 'int16', 'int32', 'int64', 'float64', 'boolean', 'string', 'array'],
  ...['null without schema', 'text without schema', 'number without schema', 'boolean without schema'],
  ...['large integer without schema', 'document without schema', 'list without schema'],
];

for (const config of [{ 'line.feed': 'false' }, { 'line.feed': 'true' }])
  for (const { name, run } of converterContract({ plugin: ${name.identifier}, config, exact }))
    test(\`\${name} \${JSON.stringify(config)}\`, run);
`,
    ],
    [
      'example/connector.json',
      json({
        name: 'lines',
        config: {
          'connector.class': 'FileStreamSource',
          file: 'lines.txt',
          topic: 'lines',
          'value.converter': name.plugin,
          'value.converter.line.feed': 'true',
        },
      }),
    ],
    [
      'README.md',
      `# ${name.package}

A converter for Millrace: JSON without schemas.

| key         | default |                                         |
| ----------- | ------- | --------------------------------------- |
| \`line.feed\` | false   | whether a line feed ends each document  |

${developing(options)}`,
    ],
  ];
}
