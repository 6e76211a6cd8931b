/** The kinds of schema that a registry keeps, by Confluent's names. */
export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';
