import { placeValue, structOf, TRANSACTION_BLOCK, type TransactionPlace } from '@millrace/cdc';
import { schemas, type SourceOffset, type SourceRecord } from '@millrace/record';
import type { LogicalMessage } from '../decode/pgoutput.ts';
import { sourceValue, type TransactionContext } from '../row-record.ts';
import { SOURCE_SCHEMA } from '../table-shape.ts';

/** Under this name logical messages are counted in the metadata of their transaction. */
export const MESSAGE_COLLECTION = 'LOGICAL_DECODING_MESSAGE';

const MESSAGE_KEY = schemas.struct(
  { prefix: schemas.string({ optional: true }) },
  { name: 'io.debezium.connector.postgresql.MessageKey', version: 1 },
);

const MESSAGE_VALUES = { bytes: messageValue('bytes'), text: messageValue('string') };

function messageValue(content: 'bytes' | 'string'): ReturnType<typeof structOf> {
  return structOf(
    [
      { name: 'op', schema: schemas.string() },
      { name: 'ts_ms', schema: schemas.int64({ optional: true }) },
      { name: 'source', schema: SOURCE_SCHEMA },
      { name: 'transaction', schema: TRANSACTION_BLOCK },
      {
        name: 'message',
        schema: schemas.struct(
          {
            prefix: schemas.string({ optional: true }),
            content: schemas[content]({ optional: true }),
          },
          { name: 'io.debezium.connector.postgresql.Message', version: 1 },
        ),
      },
    ],
    { name: 'io.debezium.connector.postgresql.MessageValue', version: 1 },
  );
}

export interface MessageContext {
  readonly topic: string;
  readonly nowMs: number;
  /** `binary.handling.mode` */
  readonly binaryMode: string;
  readonly transaction: TransactionContext;
  readonly place: TransactionPlace | null;
  readonly sourceOffset: SourceOffset;
}

/** A message of `pg_logical_emit_message`. */
export function messageRecord(message: LogicalMessage, context: MessageContext): SourceRecord {
  const { binaryMode, nowMs, transaction } = context;
  return {
    topic: context.topic,
    partition: null,
    keySchema: MESSAGE_KEY,
    key: { prefix: message.prefix },
    valueSchema: MESSAGE_VALUES[binaryMode === 'bytes' ? 'bytes' : 'text'],
    value: {
      op: 'm',
      ts_ms: nowMs,
      source: sourceValue({ schema: '', table: '' }, transaction, message.lsn),
      transaction: placeValue(context.place),
      message: { prefix: message.prefix, content: contentOf(message, binaryMode) },
    },
    timestampMs: null,
    headers: [],
    sourcePartition: transaction.task.sourcePartition,
    sourceOffset: context.sourceOffset,
  };
}

function contentOf(message: LogicalMessage, binaryMode: string): unknown {
  if (binaryMode === 'bytes') return Buffer.from(message.content);
  if (binaryMode === 'hex') return message.content.toString('hex');
  const base64 = message.content.toString('base64');
  return binaryMode === 'base64' ? base64 : base64.replaceAll('+', '-').replaceAll('/', '_');
}
