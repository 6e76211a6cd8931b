import type { ConnectRecord, Struct, StructSchema } from '@millrace/record';
import { isStruct } from './added-fields.ts';

/** A change event of Debezium with its schema. */
export interface Envelope {
  readonly schema: StructSchema;
  readonly value: Struct;
}

/** undefined for tombstones and for what is no change event. */
export function envelopeOf({ valueSchema, value }: ConnectRecord): Envelope | undefined {
  if (valueSchema?.type !== 'struct' || valueSchema.name?.endsWith('.Envelope') !== true)
    return undefined;
  return isStruct(value) ? { schema: valueSchema, value } : undefined;
}

/** A record with one header more. */
export function withHeader<R extends ConnectRecord>(record: R, header: R['headers'][number]): R {
  return { ...record, headers: [...record.headers, header] };
}
