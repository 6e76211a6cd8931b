import { ask, type Ask, type Scenario } from '../steps.ts';

const SINK = 'org.apache.kafka.connect.file.FileStreamSinkConnector';
const TRANSFORMS = 'org.apache.kafka.connect.transforms.';
const CONVERTERS = 'org.apache.kafka.connect.converters.';

type Config = Readonly<Record<string, string>>;

const validate = (what: string, config: Config): Ask =>
  ask(
    'PUT',
    '/connector-plugins/FileStreamSink/config/validate',
    { 'connector.class': SINK, name: 'v', topics: 't', ...config },
    { name: what },
  );

/** What each transform needs to be made. */
const NEEDS: Readonly<Record<string, Config>> = {
  Cast$Key: { spec: 'a:int32' },
  Cast$Value: { spec: 'a:int32' },
  DropHeaders: { headers: 'h' },
  ExtractField$Key: { field: 'f' },
  ExtractField$Value: { field: 'f', 'field.syntax.version': 'v2' },
  Filter: {},
  Flatten$Key: {},
  Flatten$Value: { delimiter: '_' },
  HeaderFrom$Key: { fields: 'a', headers: 'h', operation: 'copy' },
  HeaderFrom$Value: { fields: 'a, b', headers: 'h,i', operation: 'move' },
  HoistField$Key: { field: 'f' },
  HoistField$Value: { field: 'f' },
  InsertField$Key: { 'static.field': 'f', 'static.value': 'v' },
  InsertField$Value: { 'topic.field': 'f!' },
  InsertHeader: { header: 'h', 'value.literal': '1' },
  MaskField$Key: { fields: 'f' },
  MaskField$Value: { fields: 'f', replacement: 'x' },
  RegexRouter: { regex: '(.*)', replacement: 'x-$1' },
  ReplaceField$Key: { exclude: 'a' },
  ReplaceField$Value: { include: 'a', renames: 'a:b' },
  SetSchemaMetadata$Key: { 'schema.name': 'n' },
  SetSchemaMetadata$Value: { 'schema.version': '2' },
  TimestampConverter$Key: { 'target.type': 'unix' },
  TimestampConverter$Value: { 'target.type': 'string', format: 'yyyy', field: 'f' },
  TimestampRouter: {},
  ValueToKey: { fields: 'f' },
};

function prefixed(prefix: string, config: Config): Config {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [prefix + key, value]));
}

const transforms: Scenario = {
  name: 'transforms validated',
  steps: Object.entries(NEEDS).map(([name, config]) =>
    validate(name, {
      transforms: 'a',
      ...prefixed('transforms.a.', { type: TRANSFORMS + name, ...config }),
    }),
  ),
};

const converters: Scenario = {
  name: 'converters validated',
  steps: ['ByteArray', 'Boolean', 'Short', 'Integer', 'Long', 'Float', 'Double'].flatMap((kind) =>
    ['key', 'value', 'header'].map((role) =>
      validate(`${kind} of ${role}`, {
        [`${role}.converter`]: `${CONVERTERS}${kind}Converter`,
      }),
    ),
  ),
};

const VALUES: readonly (readonly [string, string])[] = [
  ['tasks.max', '+01'],
  ['tasks.max', ' 2 '],
  ['tasks.max.enforce', 'FALSE'],
  ['errors.log.enable', 'TRUE'],
  ['errors.retry.timeout', '9223372036854775807'],
  ['errors.retry.timeout', '9223372036854775808'],
  ['topics', 'a, ,b'],
  ['name', 'a\u007fb'],
  ['name', 'a\u0085b'],
  ['name', '\u00a0'],
  ['name', '\u3000x'],
  ['name', 'x\u0000'],
  ['consumer.override.max.poll.records', '7'],
  ['consumer.override.fetch.min.bytes', '1'],
  ['consumer.override.isolation.level', 'read_committed'],
  ['consumer.override.ssl.truststore.password', 'hidden'],
  ['consumer.override.no.such.key', 'x'],
];

const values: Scenario = {
  name: 'values validated',
  steps: VALUES.map(([key, value]) =>
    validate(`${key}=${JSON.stringify(value)}`, { [key]: value }),
  ),
};

export const components: readonly Scenario[] = [transforms, converters, values];
