import { defineFields, oneOf, validRegex, wholeRegex } from '@millrace/config';
import { schemas, type Field, type Schema, type Struct, type StructSchema } from '@millrace/record';
import { badSettings } from '../errors.ts';
import { javaReplacing } from '../java-replacement.ts';
import { transform } from '../plugin.ts';
import { fieldValue, perSchema, requireStruct, withFields, withSubject } from '../subject.ts';
import { isStruct } from './added-fields.ts';

const PURPOSE = 'Updating schema';

const fields = defineFields({
  'topic.regex': {
    type: 'STRING',
    importance: 'LOW',
    doc: 'What topics of shards look like; the whole name must match.',
    validate: validRegex,
  },
  'topic.replacement': {
    type: 'STRING',
    importance: 'LOW',
    doc: 'The topic that they share, made of the groups of that expression.',
    validate: (text) => (text === '' ? 'must not be empty' : undefined),
  },
  'key.enforce.uniqueness': {
    type: 'BOOLEAN',
    default: true,
    importance: 'LOW',
    doc: 'Whether the key gets a field that says which shard a row is of.',
  },
  'key.field.name': {
    type: 'STRING',
    default: '__dbz__physicalTableIdentifier',
    importance: 'LOW',
    doc: 'The name of that field.',
  },
  'key.field.regex': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    doc: 'What the old topic is matched with to get the value of that field; by default it is the topic.',
    validate: validRegex,
  },
  'key.field.replacement': {
    type: 'STRING',
    default: null,
    importance: 'LOW',
    doc: 'The value of that field, made of the groups of that expression.',
  },
  'schema.name.adjustment.mode': {
    type: 'STRING',
    default: 'none',
    importance: 'LOW',
    recommended: ['none', 'avro', 'avro_unicode'],
    doc: 'How names of schemas are made fit for Avro.',
    validate: oneOf('none', 'avro', 'avro_unicode'),
  },
  'logical.table.cache.size': {
    type: 'INT',
    default: 16,
    importance: 'LOW',
    doc: 'Accepted; schemas are kept as long as their source.',
  },
});

/** Records of many tables of one kind go to one topic, and their keys say which table they are of. */
export const byLogicalTableRouter = transform(
  'by-logical-table-router',
  'io.debezium.transforms.ByLogicalTableRouter',
  fields,
  (settings) => {
    const keyRegex = settings['key.field.regex'];
    const keyReplacement = settings['key.field.replacement'];
    if ((keyRegex === null) !== (keyReplacement === null || keyReplacement === ''))
      throw badSettings('key.field.regex and key.field.replacement need each other');
    const pattern = wholeRegex(settings['topic.regex']);
    const logicalTopic = javaReplacing(settings['topic.regex'], settings['topic.replacement']);
    const shardOf =
      keyRegex === null
        ? (topic: string): string => topic
        : javaReplacing(keyRegex, keyReplacement ?? '');
    const fieldName = settings['key.enforce.uniqueness'] ? settings['key.field.name'] : undefined;
    const adjust = adjustment(settings['schema.name.adjustment.mode']);
    const made = new Map<string, Renaming>();

    const renamingTo = (topic: string): Renaming => {
      const known = made.get(topic);
      if (known !== undefined) return known;
      if (made.size >= TOPICS_MAX) made.clear();
      const fresh = new Renaming(adjust(topic), fieldName);
      made.set(topic, fresh);
      return fresh;
    };

    return {
      apply: (record) => {
        if (!pattern.test(record.topic)) return record;
        const topic = logicalTopic(record.topic);
        const renaming = renamingTo(topic);
        const { key, value, keySchema, valueSchema } = record;
        let routed = { ...record, topic };
        if (key !== null && key !== undefined) {
          const struct = requireStruct({ schema: keySchema, value: key }, PURPOSE);
          const members = membersOf(struct.schema, struct.value);
          if (fieldName !== undefined) members[fieldName] = shardOf(record.topic);
          routed = withSubject(routed, 'Key', {
            schema: renaming.key(struct.schema),
            value: members,
          });
        }
        // Only Debezium's envelopes carry the name of the table.
        if (
          valueSchema?.type === 'struct' &&
          valueSchema.name?.endsWith('.Envelope') === true &&
          isStruct(value)
        )
          routed = withSubject(routed, 'Value', { schema: renaming.envelope(valueSchema), value });
        return routed;
      },
    };
  },
);

/** INV-6: topics whose schemas are kept. */
const TOPICS_MAX = 100;

/** The schemas of one logical table, made of those of its shards. */
class Renaming {
  readonly key: (schema: StructSchema) => StructSchema;
  readonly envelope: (schema: StructSchema) => StructSchema;

  constructor(name: string, shardField: string | undefined) {
    this.key = perSchema((schema: StructSchema) => {
      const shard: Field[] =
        shardField === undefined ? [] : [{ name: shardField, schema: schemas.string() }];
      return {
        ...withFields(schema, [...schema.fields, ...shard]),
        optional: false,
        name: `${name}.Key`,
      };
    });
    this.envelope = perSchema((schema: StructSchema) => ({
      ...schema,
      name: `${name}.Envelope`,
      fields: schema.fields.map((field) =>
        field.name === 'before' || field.name === 'after'
          ? { name: field.name, schema: renamed(field.schema, `${name}.Value`) }
          : field,
      ),
    }));
  }
}

function renamed(schema: Schema, name: string): Schema {
  return { ...schema, name };
}

function membersOf(schema: StructSchema, value: Struct): Record<string, unknown> {
  return Object.fromEntries(
    schema.fields.map((field) => [field.name, fieldValue(value, field, true)]),
  );
}

/** Letters that Avro's names can't hold become `_`, or `_uXXXX` with their code. */
function adjustment(mode: string): (name: string) => string {
  if (mode === 'none') return (name) => name;
  const replaced = (letter: string): string =>
    mode === 'avro' ? '_' : `_u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return (name) => name.replace(/[^A-Za-z0-9_.]/g, replaced);
}
