import { defineFields } from '@millrace/config';
import {
  optional,
  schemasEqual,
  type Schema,
  type SchemaAndValue,
  type Struct,
  type StructSchema,
} from '@millrace/record';
import { unsuitableRecord } from '../errors.ts';
import { withoutJson } from '../stale-json.ts';
import { transform } from '../plugin.ts';
import { fieldOf, isStruct } from './added-fields.ts';
import { expandJson } from './json-expansion.ts';

const MESSAGE_VALUE = 'io.debezium.connector.postgresql.MessageValue';
const MESSAGE = 'message';

const fields = defineFields({
  'fields.null.include': {
    type: 'BOOLEAN',
    default: false,
    importance: 'MEDIUM',
    doc: 'Whether members of the JSON that are null have a field, of bytes, since their type is unknown.',
  },
});

/** A message of `pg_logical_emit_message` with JSON in it becomes an inserted row, for the outbox event router. */
export const decodeLogicalDecodingMessage = transform(
  'decode-logical-decoding-message-content',
  'io.debezium.connector.postgresql.transforms.DecodeLogicalDecodingMessageContent',
  fields,
  (settings) => {
    const nulls = settings['fields.null.include'] ? 'optional_bytes' : 'ignore';
    const events = new EventSchemas();
    return {
      apply: (record) => {
        const { value, valueSchema } = record;
        if (valueSchema?.name !== MESSAGE_VALUE || valueSchema.type !== 'struct') return record;
        if (!isStruct(value))
          throw unsuitableRecord('Only Struct objects supported for [Retrieve a record value]');
        const content = expandJson(contentOf(valueSchema, value), { nulls, root: null });
        if (content?.schema?.type !== 'struct')
          throw unsuitableRecord('The content of a logical decoding message is no JSON object');
        const schema = events.of(valueSchema, content);
        const kept = Object.entries(value).filter(([name]) => name !== MESSAGE);
        return {
          ...withoutJson(record, { key: true, value: true }),
          keySchema: null,
          // The prefix of the message was the key.
          key: null,
          valueSchema: schema,
          value: { ...Object.fromEntries(kept), op: 'c', after: content.value },
        };
      },
    };
  },
);

function contentOf(schema: StructSchema, value: Struct): string {
  const message = value[MESSAGE];
  const type = fieldOf(schema, MESSAGE);
  if (type?.type !== 'struct' || !isStruct(message))
    throw unsuitableRecord(
      'Only Struct objects supported for [Retrieve content of a logical decoding message]',
    );
  const content = message['content'];
  if (!(content instanceof Uint8Array))
    throw unsuitableRecord('The content of a logical decoding message is non-binary');
  const text = Buffer.from(content).toString('utf8');
  // Nothing of it is shown: it may be anything.
  if (!/^[{[]/.test(text))
    throw unsuitableRecord('Unable to parse logical decoding message content: it is no JSON');
  return text;
}

/** Schemas of events, one object for equal contents that follow each other. */
class EventSchemas {
  #last:
    | { readonly message: StructSchema; readonly content: Schema; readonly event: StructSchema }
    | undefined;

  of(message: StructSchema, { schema: content }: SchemaAndValue): StructSchema {
    if (content === null) return message;
    const last = this.#last;
    if (last?.message === message && schemasEqual(last.content, content)) return last.event;
    const kept = message.fields.filter(({ name }) => name !== MESSAGE && name !== 'after');
    const event: StructSchema = {
      type: 'struct',
      optional: false,
      name: `${message.name ?? ''}.Envelope`,
      fields: [...kept, { name: 'after', schema: optional(content) }],
    };
    this.#last = { message, content, event };
    return event;
  }
}
